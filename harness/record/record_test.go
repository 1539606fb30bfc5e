package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/payoff-bench/payoff/harness"
)

var info = harness.Info{
	Machine: harness.Machine{Host: "host", CPU: "AMD  EPYC 9", GOOS: "linux", GOARCH: "amd64", Cores: 2},
	Suites:  []string{"quick"}, Seed: 1 << 63, Rounds: 6, Budget: time.Minute, Pinned: true,
	Started: time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC),
}

// some returns the samples of two cells in six rounds, and one twin.
func some() (all []harness.Sample) {
	for round := range 6 {
		for i, strategy := range []string{harness.Direct, "pool"} {
			c := harness.Cell{Task: harness.Task{Workload: "spin", Grain: 1000}, Strategy: strategy, Cores: 2, Workers: 1 + i, Chunk: "1", Order: harness.MapOrder}
			s := harness.Sample{
				Cell: c, Round: round, Block: 3, Reps: 7, At: info.Started.Add(time.Duration(round) * time.Second),
				Values: map[string]float64{
					harness.UnitOp: 50_012_345 / float64(1+i), harness.UnitTask: 1000.2469 / float64(1+i),
					harness.UnitTasks: 50_000, harness.UnitSystem: 0,
				},
			}
			all = append(all, s)
			if round == 2 && i == 1 {
				s.Twin, s.Attempt, s.Marks = true, 1, []string{harness.MarkSteal, harness.MarkControl}
				all = append(all, s)
			}
		}
	}
	return all
}

func write(t *testing.T, samples []harness.Sample) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "results", "run")
	r, err := Create(dir, info)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		if err := r.Sample(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Edit(func(i *harness.Info) { i.Notes = append(i.Notes, "a footnote") }); err != nil {
		t.Fatal(err)
	}
	if err := r.Finish(info.Started.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return dir
}

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
	const want = `goos: linux
goarch: amd64
cpu: AMD EPYC 9
machine: host-2c

Unit ns/op better=lower
Unit ns/task better=lower
Unit sys-nsec/task better=lower
# launch round=0 block=3 attempt=0 at=2026-11-21T22:00:00Z subsample=false marks=
BenchmarkJob/workload=spin/grain=1000/payload=0/strategy=direct/chunk=1/order=map/window=0/workers=1/cores=2-2 7 50012345 ns/op 1000.247 ns/task 50000 tasks/op 0 sys-nsec/task
`
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
		"# launch round=0": {"# else round=0", `samples.txt:10: no line "# launch`},
		"round=0":          {"round=none", "samples.txt:10: the line before: round"},
		"BenchmarkJob":     {"BenchmarkTask", "samples.txt:10: benchmark name"},
		" 7 50012345":      {" 7", "samples.txt:10: "},
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

func TestCreateErrors(t *testing.T) {
	var exists *ExistsError
	if _, err := Create(write(t, nil), info); !errors.As(err, &exists) {
		t.Error(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		if _, err := Create(dir, info); err == nil || !strings.Contains(err.Error(), file) {
			t.Error(err)
		}
	}
	if r, err := Create(t.TempDir(), info); err != nil {
		t.Errorf("an empty folder: %v", err)
	} else if err := r.Finish(info.Started); err != nil {
		t.Error(err)
	}
}

// A smallDisk has space for room more bytes.
type smallDisk struct {
	*os.File
	room int
}

var errNoSpace = errors.New("no space left on device")

func (d *smallDisk) Write(p []byte) (int, error) {
	if len(p) > d.room {
		n, _ := d.File.Write(p[:d.room])
		d.room = 0
		return n, &fs.PathError{Op: "write", Path: d.Name(), Err: errNoSpace}
	}
	d.room -= len(p)
	return d.File.Write(p)
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	r, err := Create(dir, info)
	if err != nil {
		t.Fatal(err)
	}
	r.samples = &smallDisk{r.samples.(*os.File), 1000}
	var kept int
	for _, s := range some() {
		if err = r.Sample(s); err != nil {
			break
		}
		kept++
	}
	var full *FullError
	if !errors.As(err, &full) || !errors.Is(err, errNoSpace) || full.Kept != kept || kept == 0 || full.Path != filepath.Join(dir, SamplesFile) || strings.Count(err.Error(), full.Path) != 1 {
		t.Errorf("%d kept, %v", kept, err)
	}
	if err := r.Finish(info.Started); err != nil {
		t.Error(err)
	}
	got, samples, err := Read(dir)
	if err != nil || len(samples) != kept || len(got.Notes) > 0 {
		t.Errorf("%d samples, notes %q, %v", len(samples), got.Notes, err)
	}
}

func TestSampleRefusesInvalidSamples(t *testing.T) {
	r, err := Create(t.TempDir(), info)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*harness.Sample){
		"space in a name": func(s *harness.Sample) { s.Cell.Strategy = "two words" },
		"space in a unit": func(s *harness.Sample) { s.Values = map[string]float64{"ns / op": 1} },
		"no values":       func(s *harness.Sample) { s.Values = nil },
		"not a number":    func(s *harness.Sample) { s.Values = map[string]float64{"ns/op": 1 / zero} },
	} {
		s := some()[0]
		change(&s)
		if err := r.Sample(s); err == nil {
			t.Error(name)
		}
	}
}

var zero float64

func TestLatest(t *testing.T) {
	dir := write(t, some())
	results := filepath.Dir(dir)
	for range 2 {
		if err := Link(results, dir); err != nil {
			t.Fatal(err)
		}
		if _, samples, err := Read(filepath.Join(results, "latest")); err != nil || len(samples) != len(some()) {
			t.Errorf("%d samples, %v", len(samples), err)
		}
	}
	if files, err := os.ReadDir(results); err != nil || len(files) != 2 {
		t.Errorf("%v, %v", files, err)
	}
	// Latest itself leads to the run, and stays as it is; a folder of that name is not replaced.
	newest := filepath.Join(results, "latest")
	if err := Link(results, newest); err != nil {
		t.Error(err)
	}
	t.Chdir(results)
	if err := Link(".", "latest"); err != nil {
		t.Error(err)
	}
	if to, err := filepath.EvalSymlinks(newest); err != nil || filepath.Base(to) != filepath.Base(dir) {
		t.Errorf("latest leads to %s, %v", to, err)
	}
	folder := filepath.Join(t.TempDir(), "latest")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := Link(filepath.Dir(folder), folder); err == nil {
		t.Error("a folder named latest is linked to itself")
	}
	name := filepath.Join(results, "named")
	if err := os.WriteFile(name, []byte("run\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, samples, err := Read(name); err != nil || len(samples) != len(some()) {
		t.Errorf("%d samples, %v", len(samples), err)
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

// TestBenchstat checks that benchstat reads the file directly, with one sample per round and twins
// kept apart.
func TestBenchstat(t *testing.T) {
	path := filepath.Join(write(t, some()), SamplesFile)
	out, err := exec.Command("go", "tool", "benchstat", "-table", "/workload,/cores", "-row", "/grain", "-col", "/strategy",
		"-filter", "/chunk:1 /order:map .unit:sec/task", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text := string(out)
	for _, want := range []string{"/workload: spin\n", "/cores: 2\n", "direct", "pool", "-50.00% (p=0.002 n=6)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, never := range []string{"n=7", "n=6+7", "vary", "Twin", "warning"} {
		if strings.Contains(text, never) {
			t.Errorf("%q in\n%s", never, text)
		}
	}
}

func TestNextRunRemovesLaunchFoldersOfKilledRuns(t *testing.T) {
	results := t.TempDir()
	create := func(name string) *Run {
		r, err := Create(filepath.Join(results, name), info)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	killed := create("killed")
	left, own := filepath.Join(killed.Dir(), "launch-123"), filepath.Join(killed.Dir(), "launch-notes")
	if err := errors.Join(os.MkdirAll(filepath.Join(left, "below"), 0o777), os.Mkdir(own, 0o777)); err != nil {
		t.Fatal(err)
	}
	if killed.held == nil {
		t.Skip("no locks here")
	}
	create("meanwhile")
	if _, err := os.Stat(left); err != nil {
		t.Errorf("the folder of a launch in progress: %v", err)
	}
	killed.held.Close() // as when the process ends
	create("next")
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of the killed launch is still there: %v", err)
	}
	if _, err := os.Stat(own); err != nil {
		t.Errorf("a folder that is not a launch's: %v", err)
	}
	if _, _, err := Read(killed.Dir()); err != nil {
		t.Error(err)
	}
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
			[]string{"2 copies of earlier samples are left out, the first in line 13 of samples.txt"}, nil,
		},
		"not a number": {
			func(text string) string {
				return strings.Replace(text, " 0 sys-nsec/task", " NaN sys-nsec/task +Inf idle-nsec/task", 1)
			},
			[]string{"2 values that are not finite numbers are left out, the first in line 10 of samples.txt"},
			func(s *harness.Sample) { delete(s.Values, harness.UnitSystem) },
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
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(want, samples); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if d := cmp.Diff(append([]string{"a footnote"}, c.notes...), got.Notes); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestBenchmarks(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.txt": "goos: linux\npkg: a\ncpu: c\nBenchmarkX-2 1 5 ns/op 0 B/op\nBenchmarkX-2 1 7 ns/op\nBenchmarkX-2 1\nBenchmarkX-2 1 Inf ns/op\n",
		"b.txt": "pkg: b\nBenchmarkX-2 1 9 ns/op\n",
		"c.md":  "BenchmarkX-2 1 11 ns/op\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, m, notes, err := Benchmarks(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []harness.Benchmark{
		{Package: "a", Name: "X-2", Unit: "ns/op", Values: []float64{5, 7}}, {Package: "a", Name: "X-2", Unit: "B/op", Values: []float64{0}},
		{Package: "b", Name: "X-2", Unit: "ns/op", Values: []float64{9}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"2 lines or values are not valid and are left out, the first in line 6"}, notes); d != "" {
		t.Error(d)
	}
	if m.CPU != "c" {
		t.Errorf("%+v", m)
	}
	if _, _, _, err := Benchmarks(t.TempDir()); !errors.Is(err, ErrNoBenchmarks) {
		t.Error(err)
	}
	if _, _, _, err := Benchmarks(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
