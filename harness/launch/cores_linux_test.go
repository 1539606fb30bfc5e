package launch

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/affinity"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

// TestChangedCores checks that a launch fails if a task changes how many cores its process uses.
func TestChangedCores(t *testing.T) {
	cores, err := affinity.Cores(0)
	if err != nil {
		t.Fatal(err)
	}
	keep := func(cores ...int) {
		var mask unix.CPUSet
		for _, c := range cores {
			mask.Set(c)
		}
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			t.Error(err)
		}
		for _, thread := range threads {
			if id, err := strconv.Atoi(thread.Name()); err == nil {
				unix.SchedSetaffinity(id, &mask) // fails only for a thread that has ended
			}
		}
	}
	procs := runtime.GOMAXPROCS(0)
	defer keep(cores...)
	defer runtime.GOMAXPROCS(procs)
	for name, c := range map[string]struct {
		task func()
		want string
	}{
		"GOMAXPROCS": {func() { runtime.GOMAXPROCS(procs + 1) }, "a task changed it"},
		"affinity":   {func() { keep(cores[0]) }, "changed the affinity"},
		"nothing":    {func() {}, ""},
	} {
		if name == "affinity" && len(cores) < 2 {
			continue
		}
		number := raw.One[int]()
		k := strategies.Kernel[int, int]{Name: "changes", In: number, Out: number, Func: func(_ context.Context, i int) (int, error) {
			c.task()
			return i, nil
		}}
		s := spec(t, func(c *harness.Cell) { c.Task, c.Strategy = harness.Task{Workload: "changes"}, harness.Direct })
		_, err := Run(t.Context(), s, table(), []workloads.Workload{workloads.Of("changes the process", k, func(i int) int { return i })})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v", name, err)
		}
		keep(cores...)
		runtime.GOMAXPROCS(procs)
	}
}
