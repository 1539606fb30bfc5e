package suite

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payoff-bench/payoff/harness"
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

func TestParse(t *testing.T) {
	s, err := Parse("dir/mine.toml", []byte(goodSuite))
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "mine" || s.Rounds != 3 || s.minTime != 20*time.Millisecond || len(s.blocks) != 1 || len(s.blocks[0].choices) != 2 {
		t.Errorf("got suite %+v", s)
	}
	if c := s.blocks[0].choices[0]; c.Cell != (harness.Cell{Strategy: "pool", Chunk: "1", Order: harness.MapOrder}) {
		t.Errorf("defaults of a cell: %+v", c)
	}
}

// TestSuiteErrors makes one change to a valid suite and checks the line and text of the error.
func TestSuiteErrors(t *testing.T) {
	for _, c := range []struct {
		old, new string
		line     int
		says     string
	}{
		{`question = "?"`, `question = ""`, 1, "no question"},
		{`rounds = 3`, `round = 3`, 2, `unknown key "round": did you mean rounds? have question, rounds, budget, min-time, suites, block`},
		{`question = "?"`, "\xEF\xBB\xBF" + `question = "?"`, 0, "the file is UTF-8 with a byte order mark; save it as plain UTF-8"},
		{`question = "?"`, "\xFF\xFEq\x00", 0, "the file is UTF-16; save it as plain UTF-8"},
		{`rounds = 3`, "[[blok]]\nworkload = \"spin\"", 2, `unknown key "blok": did you mean block?`},
		{`workload = "spin"`, "workload = \"spin\"\nrounds = 3", 6, `unknown key "block.rounds": rounds is a key of the suite, above its blocks; move it there`},
		{`workload = "spin"`, "workload = \"spin\"\nworkers = 3", 6, `workers is a key of [[block.cell]]; move it there`},
		{`workload = "spin"`, "wrokload = \"spin\"", 5, `unknown key "block.wrokload": did you mean workload?`},
		{`rounds = 3`, `rounds = 0`, 2, "not between 1 and"},
		{`rounds = 3`, `rounds = "many"`, 2, "rounds wants a whole number, such as rounds = 6"},
		{`grain = [100, 1000]`, `grain = "x"`, 6, "grain wants whole numbers in brackets, such as grain = [1000]"},
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
		{`cores = [1, "max"]`, `spread = "last"`, 7, "spread wants names in brackets"},
		{`cores = [1, "max"]`, `spread = ["last", "last"]`, 7, "spread has last twice"},
		{`cores = [1, "max"]`, `cores = ["max", "max"]`, 7, "cores has max twice"},
		{`rounds = 3`, `suites = ["grain"]`, 2, "other suites or of blocks"},
		{`rounds = 3`, `suites = ["full"]`, 2, "other suites or of blocks"},
		{`rounds = 3`, `suites = "grain"`, 2, `suites wants names of built-in suites`},
		{`rounds = 3`, `rounds = `, 2, ""},
		{`min-time = "20ms"`, `min-time = "-1s"`, 3, `write "100ms"`},
		{`workload = "spin"`, ``, 4, "without a workload"},
		{`workload = "spin"`, `workload = "spin"` + "\nspeed = 1", 6, `unknown key "block.speed"`},
		{`grain = [100, 1000]`, `grain = [100, -1]`, 6, "not between 1 and"},
		{`grain = [100, 1000]`, `grain = [99999999999]`, 6, "not between 1 and"},
		{`cores = [1, "max"]`, `cores = [0]`, 7, `"max" or "powers"`},
		{`cores = [1, "max"]`, `cores = ["many"]`, 7, `"max" or "powers"`},
		{`order = "input"`, `order = "sorted"`, 12, `unknown order "sorted": have map, input, completion, single`},
		{`order = "input"`, `order = "inptu"`, 12, `unknown order "inptu": did you mean input? have map, `},
		{`order = "input"`, `order = "input"` + "\nchunk = 9", 13, "larger than window 8"},
		{`order = "input"`, `order = "single"`, 13, "order single submits each task alone, without a window"},
		{`order = "input"`, `order = "map"`, 13, "a map has no window"},
		{`order = "input"`, `chunk = 0`, 12, "not between 1 and"},
		{`order = "input"`, `chunk = []`, 12, "empty list"},
		{`order = "input"`, `chunk = [1, "some"]`, 12, `chunk has "some"; write numbers from 1 up without quotes, or policies: ["static" "guided" `},
		{`order = "input"`, `chunk = "4"`, 12, "without quotes"},
		{`order = "input"`, `chunk = 1.5`, 12, `as chunk = [1, 64, "auto"]`},
		{`order = "input"`, `chunk = [4, "auto", 4]`, 12, "chunk has 4 twice"},
		{`order = "input"`, "order = \"input\"\nchunk = [2, 16]", 13, "chunk 16 is larger than window 8"},
		{`order = "input"`, `order = ["input", "input"]`, 12, "order has input twice"},
		{`order = "input"`, `order = ["input", 3]`, 12, "order wants a word in quotes, or several in brackets"},
		{`order = "input"`, `transport = []`, 12, "empty list"},
		{`order = "input"`, `prefetch = [1, 0]`, 12, "not between 1 and"},
		{`order = "input"`, `speed = 1`, 12, `unknown key "block.cell.speed"`},
		{`order = "input"`, `oder = "input"`, 12, `unknown key "block.cell.oder": did you mean order?`},
		{`order = "input"`, `cores = 1`, 12, `unknown key "block.cell.cores": cores is a key of [[block]]; move it there`},
		{`order = "input"`, `workers = -2`, 12, "not between 1 and"},
		{"order = \"input\"\nwindow = 8\n", ``, 10, "twice"},
		{"[[block.cell]]\nstrategy = \"pool\"\norder", "[[block.cell]]\norder", 10, "without a strategy"},
		{"strategy = \"pool\"\norder", "strategy = \"direct\"\norder", 11, "every block contains the direct loop automatically"},
		{"window = 8\n", "window = 8\n" + strings.Repeat("[[block.cell]]\nstrategy = \"serial\"\n", 11), 4, "13 cells and the direct loop are more than the 6 cells that a block may have (12 if min-time is 50ms or less)"},
	} {
		text := strings.Replace(goodSuite, c.old, c.new, 1)
		if at := max(strings.Index(text, "\xEF"), strings.Index(text, "\xFF")); at > 0 {
			text = text[at:] // a mark is at the beginning
		}
		_, err := Parse("x.toml", []byte(text))
		var bad *Error
		if !errors.As(err, &bad) || bad.Line != c.line || !strings.Contains(bad.Reason, c.says) {
			t.Errorf("%q: got %v, want line %d and %q", c.new, err, c.line, c.says)
		}
	}
}

// TestKeys checks that the keys that error texts list are those that a suite file can have.
func TestKeys(t *testing.T) {
	doc := &document{axes: harness.AllAxes()}
	var want []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[suiteTable]()) {
		want = append(want, f.Tag.Get("toml"))
	}
	if d := cmp.Diff(want, doc.keys("")); d != "" {
		t.Error(d)
	}
	for _, table := range []string{"", "block", "block.cell"} {
		for _, key := range doc.keys(table) {
			if text := doc.wanted(key); strings.HasSuffix(text, "of the wrong type") {
				t.Errorf("%s.%s: %s", table, key, text)
			}
		}
	}
}

// TestParts checks that a suite may consist of other suites.
func TestParts(t *testing.T) {
	const text = `question = "?"
suites = ["order", "start"]`
	s, err := Parse("x.toml", []byte(text))
	if err != nil || len(s.parts) != 2 || s.parts[1].Name != "start" || len(s.blocks) != 0 {
		t.Fatalf("got suite %+v, error %v", s, err)
	}
	blocks, err := testCatalog(2).Matrix([]Suite{s}, nil)
	apart, err2 := testCatalog(2).Matrix(s.parts, nil)
	if errors.Join(err, err2) != nil || len(blocks) == 0 || len(blocks) != len(apart) || blocks[0].Suite != "order" {
		t.Errorf("%d and %d blocks, %v, %v", len(blocks), len(apart), err, err2)
	}
	for change, says := range map[string]string{
		`"full"`:                         "suite full consists of other suites; name these suites instead",
		`"mine.toml"`:                    `unknown suite "mine.toml": have chunk, `,
		`"order", "order"`:               "suites has order twice",
		"\"order\"]\nmin-time=[\"1ms\"":  "min-time wants a duration",
		"\"order\"]\nmin-time=\"1ms\" #": "have their own min-time; remove the key \"min-time\"",
	} {
		_, err := Parse("x.toml", []byte(strings.Replace(text, `"order", "start"`, change, 1)))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got error %v", change, err)
		}
	}
}

// TestLists checks that a list yields a cell for each value, and that several lists yield a cell
// for each combination.
func TestLists(t *testing.T) {
	text := strings.Replace(goodSuite, "order = \"input\"\nwindow = 8", `order = ["input", "completion"]
transport = ["pipe", "shm"]
window = 8`, 1)
	s, err := Parse("x.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	transport, _ := harness.AllAxes().Find("transport")
	var got []string
	for _, c := range s.blocks[0].choices[1:] {
		got = append(got, fmt.Sprint(transport.Text(c.Cell), " ", c.Order, " ", c.Window))
	}
	if want := []string{"pipe input 8", "pipe completion 8", "shm input 8", "shm completion 8"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestSweep checks a list of chunks, which are numbers and policies. If launches are short, one
// block must have a cell for each of them.
func TestSweep(t *testing.T) {
	text := strings.Replace(goodSuite, "order = \"input\"\nwindow = 8", `chunk = [4, 16, "auto", 64, "guided", 2, 3, 5, 6]`, 1)
	s, err := Parse("x.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var chunks []harness.Chunk
	for _, c := range s.blocks[0].choices {
		chunks = append(chunks, c.Chunk)
	}
	if want := []harness.Chunk{"1", "4", "16", "auto", "64", "guided", "2", "3", "5", "6"}; !slices.Equal(chunks, want) {
		t.Errorf("got chunks %v", chunks)
	}
	blocks, err := testCatalog(4).Matrix([]Suite{s}, []int{4})
	if err != nil || len(blocks) != 2 || len(blocks[0].Cells) != 11 || blocks[0].Cells[4].Chunk != "auto" {
		t.Errorf("got blocks %v, error %v", blocks, err)
	}
	f, err := ParseFilter("chunk:auto,64")
	if err == nil {
		blocks, err = f.Apply(blocks)
	}
	if err != nil || len(blocks) != 2 || len(blocks[0].Cells) != 3 {
		t.Errorf("got blocks %v, error %v", blocks, err)
	}
	_, err = Parse("x.toml", []byte(strings.Replace(text, "20ms", "60ms", 1)))
	if err == nil || !strings.Contains(err.Error(), "set min-time to 50ms or less, which allows 12") {
		t.Error(err)
	}
}

func TestLoad(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range all {
		if s, err := Load(want.Name); err != nil || s.Question != want.Question {
			t.Errorf("%s: got error %v", want.Name, err)
		}
	}
	if _, err := Load("fast"); err == nil || !strings.Contains(err.Error(), `unknown suite "fast": have chunk, `) {
		t.Error(err)
	}
	dir := t.TempDir()
	zero, large := dir+"/zero.toml", dir+"/large.toml"
	if err := errors.Join(os.Symlink("/dev/zero", zero), os.WriteFile(large, make([]byte, 1<<20+1), 0o666)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{zero: "not a regular file", large: "larger than", dir + "/no.toml": "no such file"} {
		if _, err := Load(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	if _, err := Load("no/such.toml"); err == nil || !strings.Contains(err.Error(), "no/such.toml") {
		t.Error(err)
	}
}

// TestSuiteGuide checks that the example in the guide is a suite of at most ten lines, and that the
// guide names every key.
func TestSuiteGuide(t *testing.T) {
	b, err := os.ReadFile("suites/README.md")
	if err != nil {
		t.Fatal(err)
	}
	guide := string(b)
	_, text, _ := strings.Cut(guide, "```toml\n")
	text, _, _ = strings.Cut(text, "```")
	s, err := Parse("mine.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := testCatalog(2).Matrix([]Suite{s}, nil); err != nil {
		t.Error(err)
	}
	if n := len(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })); n > 10 {
		t.Errorf("%d lines", n)
	}
	for _, a := range harness.AllAxes() {
		if !strings.Contains(guide, "`"+a.Key+"`") {
			t.Errorf("the guide does not mention %s", a.Key)
		}
	}
}
