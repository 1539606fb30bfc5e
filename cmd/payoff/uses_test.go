package main

import (
	"runtime"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/workloads/kernels"
)

// TestUses checks that every workload describes the allocations and the caches of its tasks. If the
// description says that a task allocates nothing, the task must not allocate.
func TestUses(t *testing.T) {
	for _, w := range append(table.Workloads, kernels.Command()) {
		if w.Uses == "" {
			t.Errorf("workload %s has an empty field Uses; describe its allocations and caches there", w.Name)
		}
	}
	for _, j := range prepare(t, 200, false) {
		if !strings.HasPrefix(j.Uses, "allocates nothing") {
			continue
		}
		j.digest(t, j.load.Direct(t.Context())) // makes the allocations that occur only once
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := j.load.Direct(t.Context())
		runtime.ReadMemStats(&after)
		j.digest(t, err)
		if n := float64(after.Mallocs-before.Mallocs) / float64(j.tasks); n > 0.1 {
			t.Errorf("workload %s, whose field Uses is %q, allocates %.2f objects for each task", j, j.Uses, n)
		}
	}
}
