package record

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/payoff-bench/payoff/harness"
)

var info = harness.Info{
	Machine: harness.Machine{Host: "host", CPU: "AMD  EPYC 9", GOOS: "linux", GOARCH: "amd64", Cores: 2},
	Suites:  []string{"quick"}, Seed: 1 << 63, Rounds: 6, Budget: time.Minute, Pinned: true,
	Started: time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC),
}

// some returns the samples of two cells in six rounds, and one sample of a twin.
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
				s.Inputs = []float64{500_123_456, 2}
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

// A smallDisk is a file on a disk that has space for the number of bytes in the field room.
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
	r.samples.file = &smallDisk{r.samples.file.(*os.File), 1000}
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

// TestReplacedFile checks that a run returns an error if its samples.txt was replaced or removed.
// It must not append to the old file.
func TestReplacedFile(t *testing.T) {
	replace := func(path string) error {
		return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, nil, 0o666))
	}
	for name, change := range map[string]func(string) error{"replaced": replace, "removed": os.Remove} {
		dir := t.TempDir()
		r, err := Create(dir, info)
		if err != nil {
			t.Fatal(err)
		}
		all := some()
		if err := r.Sample(all[0]); err != nil {
			t.Fatal(err)
		}
		if err := change(filepath.Join(dir, SamplesFile)); err != nil {
			t.Fatal(err)
		}
		if err := r.Sample(all[1]); err == nil || !strings.Contains(err.Error(), "replaced or removed the file") {
			t.Errorf("%s: got error %v", name, err)
		}
		if err := r.Abandon(); err != nil {
			t.Error(err)
		}
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
		t.Errorf("got files %v, error %v", files, err)
	}
	// If dir is results/latest itself, the link still refers to the run. Link does not replace a
	// folder with the name latest.
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
	killed.held.Close() // the end of a process has the same effect
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

// TestFolderName checks that folder names are valid text and short enough for file systems, which
// allow 255 bytes.
func TestFolderName(t *testing.T) {
	began := time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)
	for _, suites := range [][]string{{"quick"}, {"a/b"}, {strings.Repeat("grain+", 60)}, slices.Repeat([]string{"grain"}, 60), {strings.Repeat("é", 150)}, {"x" + strings.Repeat("é", 150)}} {
		name := FolderName(began, suites)
		if len(name) > 240 || !utf8.ValidString(name) || strings.Contains(name, "/") || !strings.HasPrefix(name, "20261121-220000-") {
			t.Errorf("%q: %d bytes", name, len(name))
		}
	}
	if name := FolderName(began, []string{"quick", "grain"}); name != "20261121-220000-quick+grain" {
		t.Error(name)
	}
}
