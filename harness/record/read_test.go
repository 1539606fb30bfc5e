package record

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/payoff-bench/payoff/harness"
)

func TestReadReturnsWhatWasWritten(t *testing.T) {
	dir := write(t, some())
	got, samples, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := info
	want.Finished, want.Notes = info.Started.Add(time.Hour), []string{"a footnote"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	expect := some()
	for _, s := range expect { // values as samples.txt rounds them
		s.Values[harness.UnitTask] = 1000.247
		if s.Cell.Strategy == "pool" {
			s.Values[harness.UnitOp], s.Values[harness.UnitTask] = 25_006_173, 500.1235
		}
	}
	if d := cmp.Diff(expect, samples); d != "" {
		t.Error(d)
	}
}

func TestText(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(write(t, some()[:1]), SamplesFile))
	if err != nil {
		t.Fatal(err)
	}
	const want = `# run ID
goos: linux
goarch: amd64
cpu: AMD EPYC 9
machine: host-2c

Unit ns/op better=lower
Unit ns/task better=lower
Unit sys-nsec/task better=lower
# launch round=0 block=3 attempt=0 at=2026-11-21T22:00:00Z subsample=false marks= sum=SUM
BenchmarkJob/workload=spin/grain=1000/payload=0/strategy=direct/chunk=1/order=map/window=0/workers=1/cores=2-2 7 50012345 ns/op 1000.247 ns/task 50000 tasks/op 0 sys-nsec/task
`
	text = regexp.MustCompile(`(?m)^# run \w{16}$`).ReplaceAll(text, []byte("# run ID"))
	text = regexp.MustCompile(`(?m) sum=\w{16}$`).ReplaceAll(text, []byte(" sum=SUM"))
	if d := cmp.Diff(want, string(text)); d != "" {
		t.Error(d)
	}
}

func TestTornFile(t *testing.T) {
	samples := some()
	dir := write(t, samples)
	path := filepath.Join(dir, SamplesFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := strings.LastIndex(string(text[:len(text)-1]), "\n# launch") + 1
	for cut := last; cut < len(text); cut++ {
		if err := os.WriteFile(path, text[:cut], 0o666); err != nil {
			t.Fatal(err)
		}
		got, kept, err := Read(dir)
		if err != nil || len(kept) != len(samples)-1 {
			t.Fatalf("cut at %d: %d samples, %v", cut, len(kept), err)
		}
		if torn := text[cut-1] != '\n'; torn != strings.Contains(strings.Join(got.Notes, " "), "incomplete") {
			t.Errorf("cut at %d: notes %q", cut, got.Notes)
		}
	}
}

func TestReadErrors(t *testing.T) {
	for old, c := range map[string]struct{ new, want string }{
		"# launch round=0": {"# else round=0", `samples.txt:11: the line before is not a comment "# launch`},
		"round=0":          {"round=none", "samples.txt:11: the comment in the line before: round"},
		"BenchmarkJob":     {"BenchmarkTask", "samples.txt:11: benchmark name"},
		" 7 50012345":      {" 7", "samples.txt:11: "},
		"# run":            {"\xEF\xBB\xBF# run", "samples.txt is UTF-8 with a byte order mark"},
		"\nBenchmarkJob":   {"\nenchmarkJob", "samples.txt:10: no benchmark line follows"},
	} {
		dir := write(t, some()[:1])
		path := filepath.Join(dir, SamplesFile)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, c.new, 1)), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Read(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.new, err, c.want)
		}
	}
	if _, _, err := Read(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is not the folder of a run") {
		t.Error(err)
	}
	if _, _, err := Read(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestValues(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 2_880_000: "2880000", 25_012_345.5: "25012346", 1e15: "1000000000000000",
		500.246911: "500.2469", 0.123456789: "0.1234568", 12: "12", 1e-9: "0.000000001",
	} {
		if got := string(appendValue(nil, v)); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(1e-6, 1e18).Draw(t, "v")
		text := string(appendValue(nil, v))
		var back float64
		if _, err := fmt.Sscan(text, &back); err != nil || strings.ContainsAny(text, "eE") || back < v*(1-1e-6) || back > v*(1+1e-6) {
			t.Fatalf("%v: %s", v, text)
		}
	})
}

// TestBadLines checks that lines of other benchmarks, copies of samples and values that are not finite
// are left out with a note, and that other samples are unchanged.
func TestBadLines(t *testing.T) {
	const (
		launch = "# launch round=0 block=3 attempt=0 at=2026-11-21T22:00:00Z subsample=false marks=\n"
		line   = "BenchmarkJob/workload=spin/grain=1000/payload=0/strategy=direct/chunk=1/order=map/window=0/workers=1/cores=2-2 7 50012345 ns/op 1000.247 ns/task 50000 tasks/op 0 sys-nsec/task\n"
	)
	for name, c := range map[string]struct {
		change func(text string) string
		notes  []string
		want   func(*harness.Sample)
	}{
		"nothing": {func(text string) string { return text }, nil, nil},
		"other benchmarks": {
			func(text string) string { return "BenchmarkFib-8 100 12 ns/op\n" + text + "PASS\nBenchmarks are fun\n" },
			[]string{"2 lines that payoff did not write are left out, the first in line 1 of samples.txt"}, nil,
		},
		"conflict of a merge": {
			func(text string) string {
				return text + "<<<<<<< HEAD\n" + launch + line + "=======\n" + launch + line + ">>>>>>> other\n"
			},
			[]string{"2 copies of earlier samples are left out, the first in line 14 of samples.txt"}, nil,
		},
		"not a number": {
			func(text string) string {
				return strings.Replace(text, " 0 sys-nsec/task", " NaN sys-nsec/task +Inf idle-nsec/task", 1)
			},
			[]string{"2 values that are not finite numbers are left out, the first in line 11 of samples.txt"},
			func(s *harness.Sample) { delete(s.Values, harness.UnitSystem) },
		},
		"marks of a missing launch": {
			func(text string) string {
				return text + "# marked round=9 block=3 attempt=0 marks=steal " + strings.Fields(line)[0] + "\n"
			},
			[]string{"1 comment with the marks of a missing launch is left out, the first in line 12 of samples.txt"}, nil,
		},
		"torn": {
			func(text string) string { return text + launch + line[:60] },
			[]string{"the last line of samples.txt is incomplete, because the run was killed while writing it; the launch of this line does not count"}, nil,
		},
	} {
		dir := write(t, some()[:1])
		path := filepath.Join(dir, SamplesFile)
		_, want, err := Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		if c.want != nil {
			c.want(&want[0])
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(c.change(string(text))), 0o666); err != nil {
			t.Fatal(err)
		}
		got, samples, err := Read(dir)
		if err != nil {
			t.Fatalf("%s: got error %v", name, err)
		}
		if d := cmp.Diff(want, samples); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if (got.Foreign == "") != (name == "nothing") {
			t.Errorf("%s: got Foreign %q", name, got.Foreign)
		}
		notes := slices.DeleteFunc(got.Notes, func(note string) bool { return note == got.Foreign })
		if d := cmp.Diff(append([]string{"a footnote"}, c.notes...), notes); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// TestTwoRuns checks that Read returns an error for a file with the samples of two runs. Their
// rounds have the same numbers, so payoff would pair samples of different runs.
func TestTwoRuns(t *testing.T) {
	dir := write(t, some()[:1])
	path := filepath.Join(dir, SamplesFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(text), "at=20", "at=21", 1) // a century later
	if err := os.WriteFile(path, append(text, other...), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Read(dir); err == nil || !strings.Contains(err.Error(), "a second sample of the launch in line 11; a folder can hold only one run") {
		t.Error(err)
	}
}

// TestUntimely checks that Read adds a note about launches that were measured before or after the
// time of the run. A folder with files of two runs has such launches.
func TestUntimely(t *testing.T) {
	at := time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		started, finished time.Time
		want              int
	}{
		"within":                   {at, at.Add(time.Hour), 0},
		"the clock was corrected":  {at.Add(time.Second), at.Add(time.Hour), 0},
		"before":                   {at.Add(time.Hour), at.Add(2 * time.Hour), 1},
		"after":                    {at.Add(-2 * time.Hour), at.Add(-time.Hour), 1},
		"unfinished":               {at.Add(-2 * time.Hour), time.Time{}, 0},
		"a run of an older payoff": {time.Time{}, time.Time{}, 0},
	} {
		c2 := contents{info: harness.Info{Started: c.started, Finished: c.finished}, samples: []harness.Sample{{At: at}, {}}}
		if got := c2.untimely(); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestReadNamesAnotherMachine checks a run whose samples.txt and run.json describe different
// machines. Read must add a note.
func TestReadNamesAnotherMachine(t *testing.T) {
	dir := write(t, some())
	path := filepath.Join(dir, SamplesFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"", "", ""},
		{"AMD EPYC 9", "AMD EPYC 7", "cpu: AMD EPYC 7"},
		{"host-2c", "host-8c", "machine: host-8c"},
		{"# launch round=3", "machine: other-2c\n\n# launch round=3", "machine: other-2c"},
	} {
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), c.old, c.new, 1)), 0o666); err != nil {
			t.Fatal(err)
		}
		got, _, err := Read(dir)
		notes := strings.Join(got.Notes, " ")
		if err != nil || (got.Foreign != "") != (c.want != "") || !strings.Contains(notes, c.want) {
			t.Errorf("%s: %q, notes %q, %v", c.new, got.Foreign, notes, err)
		}
	}
}
