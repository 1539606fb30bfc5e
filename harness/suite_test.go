package harness

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

const goodSuite = `question = "?"
rounds = 3
min-time = "20ms"
[[block]]
workload = "spin"
grain = [100, 1000]
cores = [1, "max"]
[[block.cell]]
strategy = "pool"
[[block.cell]]
strategy = "pool"
order = "input"
window = 8
`

func TestParseSuite(t *testing.T) {
	s, err := ParseSuite("dir/mine.toml", []byte(goodSuite))
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "mine" || s.Rounds != 3 || s.MinTime != 20*time.Millisecond || len(s.Axes) != 1 || len(s.Axes[0].Choices) != 2 {
		t.Errorf("%+v", s)
	}
	if c := s.Axes[0].Choices[0]; c != (Choice{Strategy: "pool", Chunk: 1, Order: MapOrder}) {
		t.Errorf("defaults of a cell: %+v", c)
	}
}

// TestSuiteErrors changes one thing in a good suite and wants the line and the word.
func TestSuiteErrors(t *testing.T) {
	for _, c := range []struct {
		old, new string
		line     int
		says     string
	}{
		{`question = "?"`, `question = ""`, 1, "no question"},
		{`rounds = 3`, `round = 3`, 2, `unknown key "round"`},
		{`rounds = 3`, `rounds = 0`, 2, "not between 1 and"},
		{`rounds = 3`, `rounds = "many"`, 2, "rounds wants a whole number, as rounds = 6"},
		{`grain = [100, 1000]`, `grain = "x"`, 6, "grain wants whole numbers in brackets, as grain = [1000]"},
		{`grain = [100, 1000]`, `grain = 1000`, 6, "grain wants whole numbers in brackets"},
		{`grain = [100, 1000]`, "grain = [\n1.5]", 7, "grain wants whole numbers in brackets"},
		{`question = "?"`, `question = 1`, 1, "question wants text"},
		{`min-time = "20ms"`, `min-time = 20`, 3, `as min-time = "100ms"`},
		{`min-time = "20ms"`, `block = 3`, 3, "[[block]]"},
		{`cores = [1, "max"]`, `cores = 1`, 7, `as cores = [1, "max"]`},
		{`order = "input"`, `order = 1`, 12, "order wants a word"},
		{`window = 8`, `window = "8"`, 13, "window wants a whole number"},
		{`grain = [100, 1000]`, `grain = [100, 100]`, 6, "grain has 100 twice"},
		{`grain = [100, 1000]`, "grain = [100]\npayload = [0, 8, 0]", 7, "payload has 0 twice"},
		{`cores = [1, "max"]`, `cores = ["max", "max"]`, 7, "cores has max twice"},
		{`rounds = 3`, `rounds = `, 2, ""},
		{`min-time = "20ms"`, `min-time = "-1s"`, 3, `write "100ms"`},
		{`workload = "spin"`, ``, 4, "without a workload"},
		{`workload = "spin"`, `workload = "spin"` + "\nspeed = 1", 6, `unknown key "block.speed"`},
		{`grain = [100, 1000]`, `grain = [100, -1]`, 6, "not between 1 and"},
		{`grain = [100, 1000]`, `grain = [99999999999]`, 6, "not between 1 and"},
		{`cores = [1, "max"]`, `cores = [0]`, 7, `"max" or "powers"`},
		{`cores = [1, "max"]`, `cores = ["many"]`, 7, `"max" or "powers"`},
		{`order = "input"`, `order = "sorted"`, 12, `unknown order "sorted"; have map, input, completion`},
		{`order = "input"`, `order = "input"` + "\nchunk = 9", 13, "larger than window 8"},
		{`order = "input"`, `order = "map"`, 13, "a map has no window"},
		{`order = "input"`, `chunk = 0`, 12, "not between 1 and"},
		{`order = "input"`, `workers = -2`, 12, "not between 1 and"},
		{"order = \"input\"\nwindow = 8\n", ``, 10, "twice"},
		{"[[block.cell]]\nstrategy = \"pool\"\norder", "[[block.cell]]\norder", 10, "without a strategy"},
		{"strategy = \"pool\"\norder", "strategy = \"direct\"\norder", 11, "in every block by itself"},
		{"window = 8\n", "window = 8\n" + strings.Repeat("[[block.cell]]\nstrategy = \"serial\"\n", 4), 4, "more than the 6"},
	} {
		text := strings.Replace(goodSuite, c.old, c.new, 1)
		_, err := ParseSuite("x.toml", []byte(text))
		var bad *SuiteError
		if !errors.As(err, &bad) || bad.Line != c.line || !strings.Contains(bad.Reason, c.says) {
			t.Errorf("%q: got %v, want line %d and %q", c.new, err, c.line, c.says)
		}
	}
}

func TestLoadSuite(t *testing.T) {
	all, err := Suites()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range all {
		if s, err := LoadSuite(want.Name); err != nil || s.Question != want.Question {
			t.Errorf("%s: %v", want.Name, err)
		}
	}
	if _, err := LoadSuite("fast"); err == nil || !strings.Contains(err.Error(), `unknown suite "fast": have pools, quick, smoke`) {
		t.Error(err)
	}
	dir := t.TempDir()
	zero, large := dir+"/zero.toml", dir+"/large.toml"
	if err := errors.Join(os.Symlink("/dev/zero", zero), os.WriteFile(large, make([]byte, MaxSuite+1), 0o666)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{zero: "not a regular file", large: "larger than", dir + "/no.toml": "no such file"} {
		if _, err := LoadSuite(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := LoadSuite("no/such.toml"); err == nil || !strings.Contains(err.Error(), "no/such.toml") {
		t.Error(err)
	}
}
