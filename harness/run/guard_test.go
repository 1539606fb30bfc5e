package run

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

func TestGuard(t *testing.T) {
	dir := t.TempDir()
	program, inputs := filepath.Join(dir, "program"), filepath.Join(dir, "inputs")
	write := func(name, text string) {
		t.Helper()
		fresh := name + ".new" // like a build, which replaces the file
		if err := errors.Join(os.WriteFile(fresh, []byte(text), 0o666), os.Rename(fresh, name)); err != nil {
			t.Fatal(err)
		}
	}
	write(program, "one")
	write(inputs, "a\nb\n")
	g, err := NewGuard(program, inputs)
	if err != nil {
		t.Fatal(err)
	}
	same, err := NewGuard(program, inputs)
	if err != nil || same.Digest() != g.Digest() || len(g.Digest()) != 16 {
		t.Errorf("digests %q and %q, %v", g.Digest(), same.Digest(), err)
	}
	changed := func(when string, want ...string) {
		t.Helper()
		var c *ChangedError
		if err := g.Check(); len(want) == 0 && err != nil || len(want) > 0 && (!errors.As(err, &c) || len(c.Files) != 1 || c.Files[0] != want[0]) {
			t.Errorf("%s: got error %v", when, err)
		}
	}
	changed("nothing happened")
	write(program, "one")
	changed("the program is replaced by a copy")
	write(inputs, "a\nc\n")
	changed("an input of the same size is written", inputs)
	changed("it is still changed", inputs)
	write(inputs, "a\nb\n")
	changed("the input is restored")
	if err := os.Remove(program); err != nil {
		t.Fatal(err)
	}
	changed("the program is removed", program)
	watched := filepath.Join(dir, "watched")
	write(watched, "one")
	if g, err = NewGuard(inputs); err != nil {
		t.Fatal(err)
	}
	g.Watch([]string{watched, dir, "nothing"})
	changed("nothing happened to the watched file")
	if other, _ := NewGuard(inputs); g.Digest() == other.Digest() {
		t.Error("the digest does not include the watched file")
	}
	write(watched, "one")
	changed("the watched file is replaced by a copy")
	write(watched, "on")
	changed("the watched file shrinks", watched)
	st, err := os.Stat(inputs)
	if err != nil {
		t.Fatal(err)
	}
	write(program, "one")
	if g, err = NewGuard(program); err == nil {
		g.Watch([]string{inputs})
	}
	keepTime := func(name string) {
		t.Helper()
		if err := os.Chtimes(name, time.Time{}, st.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
	write(inputs, "x\ny\n")
	keepTime(inputs)
	changed("a watched file is replaced by one of the same size and time", inputs)
	if g, err = NewGuard(inputs); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(inputs, []byte("u\nv\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	keepTime(inputs)
	if runtime.GOOS == "linux" {
		changed("an input is edited in place, and its time is set back", inputs)
	}
	if g, err = NewGuard(program); err != nil {
		t.Fatal(err)
	}
	g.Watch([]string{inputs})
	edit := func(text string) {
		t.Helper()
		if err := os.WriteFile(inputs, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		keepTime(inputs)
	}
	edit("v\nw\n")
	if runtime.GOOS == "linux" {
		changed("a watched file is edited in place, and its time is set back", inputs)
	}
	edit("u\nv\n")
	changed("the watched file is restored")

	// CheckAll reads files whose times show no change.
	edit("w\nx\n")
	for i := range g.files {
		if g.files[i].was, err = os.Stat(g.files[i].name); err != nil {
			t.Fatal(err)
		}
	}
	changed("no time shows the change")
	if err := g.CheckAll(); !errors.As(err, new(*ChangedError)) {
		t.Errorf("all files are read: got error %v", err)
	}

	// The contents of a file beyond the limit are not read, so its times decide.
	if g, err = NewGuard(program); err != nil {
		t.Fatal(err)
	}
	g.watch([]string{inputs}, 3)
	if err := errors.Join(g.Check(), g.CheckAll()); err != nil {
		t.Error(err)
	}
	write(inputs, "w\nx\n")
	changed("a large file is replaced by a copy", inputs)
	if err := (*Guard)(nil).Check(); err != nil || (*Guard)(nil).Digest() != "" {
		t.Error("a nil guard has files:", err)
	}
	if _, err := NewGuard(filepath.Join(dir, "nothing")); err == nil {
		t.Error("a guard for a missing file")
	}
}

// TestChangedProgramEndsTheRun changes a guarded file after the third sample. The run must end with
// a ChangedError, and keep no sample of the next launch.
func TestChangedProgramEndsTheRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(file, []byte("one"), 0o666); err != nil {
		t.Fatal(err)
	}
	g, err := NewGuard(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{}
	r, p := runner(t, s, "pool")
	r.Guards = []*Guard{g}
	r.Sink = changingSink{s, func() {
		if len(s.samples) == 3 {
			os.WriteFile(file, []byte("another"), 0o666)
		}
	}}
	_, err = r.Run(t.Context(), p)
	var changed *ChangedError
	if !errors.As(err, &changed) || len(s.samples) != 3 {
		t.Errorf("%d samples, %v", len(s.samples), err)
	}
}

// A changingSink is a sink that calls its function change after each sample.
type changingSink struct {
	*sink
	change func()
}

func (c changingSink) Sample(x harness.Sample) error {
	defer c.change()
	return c.sink.Sample(x)
}

// TestUnnoticedChange edits a guarded file during a run, and hides the change from all checks but the
// last. The run must say that its samples are doubtful.
func TestUnnoticedChange(t *testing.T) {
	file := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(file, []byte("one"), 0o666); err != nil {
		t.Fatal(err)
	}
	g, err := NewGuard(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{}
	r, p := runner(t, s, "pool")
	r.Guards = []*Guard{nil, g}
	r.Sink = changingSink{s, func() {
		if len(s.samples) == 3 {
			os.WriteFile(file, []byte("two"), 0o666)
			g.files[0].was, _ = os.Stat(file)
		}
	}}
	tally, err := r.Run(t.Context(), p)
	if err == nil || tally.Doubt == "" || len(s.samples) <= 3 {
		t.Errorf("%d samples, doubt %q, %v", len(s.samples), tally.Doubt, err)
	}
}
