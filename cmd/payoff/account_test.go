//go:build proof && linux

package main

import (
	"bytes"
	"math"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/profile"
	"github.com/payoff-bench/payoff/harness/run"
)

// TestProofProfile compares the CPU time in merged profiles with the account of the kernel, which counts
// all processes of a launch from their start to their end.
func TestProofProfile(t *testing.T) {
	const most = 0.05 // largest relative difference
	bin := t.TempDir()
	execute(t, ".", nil, "go", "build", "-buildvcs=false", "-o", bin, ".", "../payoff-worker")
	l := run.Launcher{
		Command: []string{filepath.Join(bin, "payoff"), "launch"},
		Workers: map[string][]string{"spin": {filepath.Join(bin, "payoff-worker")}},
		Dir:     t.TempDir(),
	}
	task := harness.Task{Workload: "spin", Grain: 1000}
	for _, cell := range []harness.Cell{
		{Task: task, Strategy: harness.Direct, Cores: 1, Workers: 1, Chunk: "1", Order: harness.MapOrder},
		{Task: task, Strategy: "pool", Cores: 1, Workers: 2, Chunk: "1", Order: harness.MapOrder},
		{Task: task, Strategy: "procs", Cores: 1, Workers: 2, Chunk: "1", Order: harness.MapOrder},
	} {
		t.Run(cell.Strategy, func(t *testing.T) {
			dir := t.TempDir()
			before := childrenCPU(t)
			r, err := l.Launch(t.Context(), harness.Spec{Cell: cell, Tasks: 50_000, Seed: 1, MinTime: 5 * time.Second, ProfileDir: dir})
			if err != nil {
				t.Fatal(err)
			}
			kernel := childrenCPU(t) - before
			var b bytes.Buffer
			sum, err := profile.Merge(&b, []profile.Launch{{Cell: cell, Kind: "cpu", Dir: dir, Tasks: r.Ran, Wall: r.Profiled}})
			if err != nil {
				t.Fatal(err)
			}
			sampled := time.Duration(sum.Total)
			t.Logf("samples %v, kernel %v, ratio %.4f, in %d processes, notes %v", sampled, kernel, float64(sampled)/float64(kernel), sum.Processes, sum.Notes)
			if kernel < 2*time.Second {
				t.Errorf("the launch used %v of CPU time; at least 2 s were expected", kernel)
			}
			if math.Abs(float64(sampled)/float64(kernel)-1) > most {
				t.Errorf("the profile has %v, the kernel counted %v", sampled, kernel)
			}
		})
	}
}

// childrenCPU returns the CPU time of all processes for which this process and its descendants waited.
func childrenCPU(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
