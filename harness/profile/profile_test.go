package profile

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"

	"github.com/payoff-bench/payoff/harness"
)

var sink uint64

// burnOwn uses CPU time, which a profile shows under the name of this function.
//
//go:noinline
func burnOwn(n int) {
	x := uint64(1)
	for range n {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	sink += x
}

// burnWorker does the same work as burnOwn, and appears under its own name in the profile of a worker.
//
//go:noinline
func burnWorker(n int) { burnOwn(n); sink++ }

// record writes a real, non-empty CPU profile of work to path.
func record(t *testing.T, path string, work func(int)) {
	t.Helper()
	for n := 50_000_000; ; n *= 2 {
		var b bytes.Buffer
		if err := pprof.StartCPUProfile(&b); err != nil {
			t.Fatal(err)
		}
		work(n)
		pprof.StopCPUProfile()
		p, err := profile.ParseData(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Sample) == 0 {
			continue
		}
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
}

func launchDir(t *testing.T) string {
	dir := t.TempDir()
	record(t, filepath.Join(dir, "launch-9.cpu"), burnOwn)
	record(t, filepath.Join(dir, "worker-90.cpu"), burnWorker)
	record(t, filepath.Join(dir, "worker-1000.cpu"), burnWorker)
	return dir
}

func launchOf(c harness.Cell, dir string) Launch {
	return Launch{Cell: c, Kind: "cpu", Dir: dir, Tasks: 1000, Wall: time.Second}
}

func TestMerge(t *testing.T) {
	cell := harness.Cell{Task: harness.Task{Workload: "spin", Grain: 1000}, Strategy: "procs", Cores: 2, Workers: 2, Chunk: "1", Order: harness.MapOrder}
	dir := launchDir(t)
	out := filepath.Join(t.TempDir(), "cpu.pprof")
	var b bytes.Buffer
	sum, err := Merge(&b, []Launch{launchOf(cell, dir)})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(out, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	if sum.Processes != 3 || sum.Launches != 1 || len(sum.Notes) != 0 || sum.Total == 0 {
		t.Errorf("summary %+v, want 3 processes of 1 launch and some CPU time", sum)
	}

	p, err := profile.ParseData(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if time.Duration(p.DurationNanos) != sum.Wall {
		t.Errorf("duration %d, want the wall time %d", p.DurationNanos, sum.Wall)
	}
	seen := map[string]int{}
	for _, s := range p.Sample {
		seen[s.Label[Process][0]]++
		if got := s.Label[Cell][0]; got != cell.String() {
			t.Fatalf("label cell = %q, want %q", got, cell)
		}
	}
	for _, name := range []string{"launch", "w0", "w1"} {
		if seen[name] == 0 {
			t.Errorf("no samples of process %s, have %v", name, seen)
		}
	}

	top := func(args ...string) string {
		c := exec.Command("go", append(append([]string{"tool", "pprof", "-top"}, args...), out)...)
		text, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", c, err, text)
		}
		return string(text)
	}
	if text := top(); !strings.Contains(text, "profile.burnOwn") {
		t.Errorf("pprof -top lacks burnOwn:\n%s", text)
	}
	if text := top("-cum", "-tagfocus", "process=w1"); !strings.Contains(text, "profile.burnWorker") {
		t.Errorf("pprof -tagfocus process=w1 lacks burnWorker:\n%s", text)
	}
	if text := top("-cum", "-tagfocus", "process=launch"); strings.Contains(text, "profile.burnWorker") {
		t.Errorf("pprof -tagfocus process=launch shows a worker's function:\n%s", text)
	}
	if text := top("-tagfocus", "strategy=procs"); !strings.Contains(text, "profile.burnOwn") {
		t.Errorf("pprof -tagfocus strategy=procs lacks burnOwn:\n%s", text)
	}
}

func TestMergeAddsLaunches(t *testing.T) {
	a := harness.Cell{Task: harness.Task{Workload: "spin"}, Strategy: "pool"}
	b := harness.Cell{Task: harness.Task{Workload: "spin"}, Strategy: "procs"}
	dir := launchDir(t)
	one, err := Merge(&bytes.Buffer{}, []Launch{launchOf(a, dir)})
	if err != nil {
		t.Fatal(err)
	}
	two, err := Merge(&bytes.Buffer{}, []Launch{launchOf(a, dir), launchOf(b, dir)})
	if err != nil {
		t.Fatal(err)
	}
	if two.Wall != 2*one.Wall || two.Total != 2*one.Total || two.Processes != 2*one.Processes || two.Samples != 2*one.Samples {
		t.Errorf("two launches: %+v, want twice %+v", two, one)
	}
}

func TestMergeBadFolders(t *testing.T) {
	cell := harness.Cell{Strategy: "pool"}
	empty := t.TempDir()
	torn := t.TempDir()
	partly := t.TempDir()
	write := func(dir, name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(torn, "launch-9.cpu", "not a profile")
	write(partly, "worker-7.cpu", "")
	record(t, filepath.Join(partly, "launch-9.cpu"), burnOwn)

	for _, tc := range []struct{ name, dir, want string }{
		{"empty folder", empty, "no file of the launch: file does not exist"},
		{"no folder", filepath.Join(empty, "none"), "no such file"},
		{"torn profile", torn, "no readable profile"},
	} {
		if _, err := Merge(&bytes.Buffer{}, []Launch{launchOf(cell, tc.dir)}); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want %q", tc.name, err, tc.want)
		}
	}
	sum, err := Merge(&bytes.Buffer{}, []Launch{launchOf(cell, partly)})
	if err != nil || sum.Processes != 1 || len(sum.Notes) != 1 {
		t.Errorf("a worker without profile: %+v, %v; want it named as missing and no error", sum, err)
	}
	if _, err := Merge(&bytes.Buffer{}, nil); err == nil {
		t.Error("no launches: no error")
	}
}
