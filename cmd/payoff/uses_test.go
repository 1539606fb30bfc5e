package main

import (
	"runtime"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/workloads/kernels"
)

// The list says for every workload what a task allocates and which caches it uses. A workload that
// claims to allocate nothing must not allocate.
func TestUses(t *testing.T) {
	for _, w := range append(table.Workloads, kernels.Command()) {
		if w.Uses == "" {
			t.Errorf("workload %s does not say what it allocates and which caches it uses", w.Name)
		}
	}
	for _, j := range prepare(t, 200, false) {
		if !strings.HasPrefix(j.Uses, "allocates nothing") {
			continue
		}
		j.digest(t, j.load.Direct(t.Context())) // one-time allocations
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := j.load.Direct(t.Context())
		runtime.ReadMemStats(&after)
		j.digest(t, err)
		if n := float64(after.Mallocs-before.Mallocs) / float64(j.tasks); n > 0.1 {
			t.Errorf("workload %s %s: %.2f objects for each task", j, j.Uses, n)
		}
	}
}
