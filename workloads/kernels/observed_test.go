package kernels

import (
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/workloads"
)

// TestInherited checks that the workload inherited counts a variable that a worker process inherited
// without need, and counts nothing if there is none.
func TestInherited(t *testing.T) {
	for env, want := range map[string]float64{"OTHER=1": 0, secretEnv + "=1": 1} {
		l := prepare(t, newInherited(), workloads.Params{Grain: 500, Dir: t.TempDir()}, 4)
		c := itself
		c.Workers, c.Process.Env = 2, append(c.Process.Env, env)
		ex, err := procs.New(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		digest(t, l, l.Map(t.Context(), ex, strategies.Options{}))
		if got := l.Values()[inheritedUnit]; got != want {
			t.Errorf("worker processes with %s inherited %v descriptors and variables without need, want %v", env, got, want)
		}
		if err := ex.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := extra([]uint64{1, 2, 3}, []uint64{3, 4, 1}, false); n != 2 {
		t.Errorf("a process with the descriptors 1, 2 and 3 inherited %d of 3, 4 and 1, want 2", n)
	}
	if all := openFiles(); len(all) == 0 {
		t.Error("this process has no open file, want at least its standard output")
	}
}

// TestTally checks that the workload tally tells workers apart, be they goroutines or processes.
func TestTally(t *testing.T) {
	c := itself
	c.Workers = 2
	processes, err := procs.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	const n = 100
	for _, ex := range []struct {
		strategies.Executor
		most float64
	}{{strategies.Static(2), n / 2}, {strategies.Serial(), n}, {processes, n - 1}} {
		l := prepare(t, newTally(), workloads.Params{Grain: 20_000}, n)
		digest(t, l, l.Map(t.Context(), ex, strategies.Options{}))
		if got := l.Values()[busiestUnit]; got < n/2 || got > ex.most {
			t.Errorf("the busiest worker of %T ran %v of %d tasks, want at most %v", ex.Executor, got, n, ex.most)
		}
		if err := ex.Close(); err != nil {
			t.Error(err)
		}
	}
}
