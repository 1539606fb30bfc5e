package suite

import (
	"slices"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// TestCandidates checks the candidates for tasks that compute, are coarse, and wait. The cells that
// are measured first must be candidates. Each strategy must have enough of them with fixed chunks
// for a fit.
func TestCandidates(t *testing.T) {
	for _, test := range []struct {
		task  harness.Task
		work  time.Duration
		cores int
		first int // blocks
		has   harness.Cell
	}{
		{harness.Task{Workload: "spin", Grain: 1000}, time.Microsecond, 2, 5, harness.Cell{Strategy: "pool", Workers: 2, Chunk: "512"}},
		{harness.Task{Workload: "spin", Grain: 1_000_000}, time.Millisecond, 8, 5, harness.Cell{Strategy: "steal", Workers: 4, Chunk: "1"}},
		{harness.Task{Workload: "spin", Grain: 1000}, time.Microsecond, 1, 5, harness.Cell{Strategy: "pool", Workers: 2, Chunk: "1"}},
		{harness.Task{Workload: "sleep", Grain: 1_000_000}, time.Millisecond, 2, 3, harness.Cell{Strategy: "pool", Workers: 64, Chunk: "1"}},
		{harness.Task{Workload: "sha256", Grain: 10_000, Payload: 64 << 10}, 50 * time.Microsecond, 2, 6, harness.Cell{Strategy: "procs", Transport: "shm", Codec: "reference", Workers: 2, Chunk: "1"}},
	} {
		c, err := testCatalog(test.cores).Candidates(test.task, test.work, test.cores)
		if err != nil {
			t.Error(err)
			continue
		}
		if len(c.First) != test.first {
			t.Errorf("%s: %d blocks, want %d", test.task, len(c.First), test.first)
		}
		test.has.Task, test.has.Cores, test.has.Order = test.task, test.cores, harness.MapOrder
		if !slices.Contains(c.All, test.has) {
			t.Errorf("%s: %s is not a candidate", test.task, test.has)
		}
		for _, b := range c.First {
			if b.Cells[0].Strategy != harness.Direct {
				t.Errorf("%s: a block begins with %s", test.task, b.Cells[0])
			}
			for _, cell := range b.Cells[1:] {
				if !slices.Contains(c.All, cell) {
					t.Errorf("%s is not a candidate", cell)
				}
			}
		}
	}
}
