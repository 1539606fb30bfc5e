package record

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payoff-bench/payoff/harness"
)

// TestWatch reads a run in progress through an [os.Root]: its samples so far, and whether it holds
// its lock.
func TestWatch(t *testing.T) {
	results := t.TempDir()
	root, err := os.OpenRoot(results)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	r, err := Create(filepath.Join(results, "run"), info)
	if err != nil {
		t.Fatal(err)
	}
	held := func() bool {
		dir, err := root.Open("run")
		if err != nil {
			t.Fatal(err)
		}
		defer dir.Close()
		return Held(dir)
	}
	if p, err := ReadProgress(root.FS(), "run", 3); err != nil || p.Launches != 0 || len(p.Newest) != 0 {
		t.Errorf("before the first sample: %+v, %v", p, err)
	}
	samples := some()
	for _, s := range samples {
		if err := r.Sample(s); err != nil {
			t.Fatal(err)
		}
	}
	if !held() {
		t.Error("the run is not in progress")
	}
	p, err := ReadProgress(root.FS(), "run", 3)
	if err != nil || p.Launches != len(samples) || len(p.Newest) != 3 {
		t.Fatalf("%+v, %v", p, err)
	}
	last, got := samples[len(samples)-1], p.Newest[0]
	if got.Cell != last.Cell || got.Round != last.Round || !got.At.Equal(last.At) || got.Values[harness.UnitTask] != 500.1235 {
		t.Errorf("the newest sample is %+v, not %+v", got, last)
	}
	if i, err := ReadInfo(root.FS(), "run"); err != nil || !i.Finished.IsZero() || i.Suites[0] != "quick" {
		t.Errorf("%+v, %v", i, err)
	}
	if err := r.Finish(last.At); err != nil {
		t.Fatal(err)
	}
	if held() {
		t.Error("the ended run is in progress")
	}
	i, all, err := ReadFS(root.FS(), "run")
	j, same, err2 := Read(filepath.Join(results, "run"))
	if d := cmp.Diff(j, i) + cmp.Diff(same, all); d != "" || err != nil || err2 != nil || len(all) != len(samples) {
		t.Errorf("ReadFS differs from Read: %s %v %v", d, err, err2)
	}

	// Files outside of the root are not read.
	outside := write(t, samples[:1])
	if err := os.Symlink(outside, filepath.Join(results, "out")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadFS(root.FS(), "out"); err == nil {
		t.Error("ReadFS follows a link out of the root")
	}
	if _, err := ReadProgress(root.FS(), "out", 1); err == nil {
		t.Error("ReadProgress follows a link out of the root")
	}
}
