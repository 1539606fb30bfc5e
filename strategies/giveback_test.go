package strategies

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A drainer is an executor that runs a map on the goroutine that starts the map. After each call of
// Drain it calls the function between with the number of tasks that are left.
type drainer struct {
	work.Executor
	core    work.Core
	tasks   work.Range
	between func(left int)
}

func (x *drainer) Core() *work.Core { return &x.core }

func (x *drainer) Start(ctx context.Context, j work.Job) (work.Lease, error) {
	s, _ := j.Take(work.MaxTasks)
	x.tasks.Set(s)
	for x.tasks.Len() > 0 {
		j.Drain(ctx, &x.tasks, 0)
		x.between(x.tasks.Len())
	}
	return ended{}, nil
}

// ended is the lease of a job that is over.
type ended struct{ work.Lease }

func (ended) Help(context.Context) bool { return false }
func (ended) Wait()                     {}

// A worker has claimed many fast tasks, and then the tasks become slow. The worker gives the rest
// back if another worker has no tasks. It keeps the rest if no worker lacks tasks, or if the chunk
// size is fixed.
func TestGiveBack(t *testing.T) {
	const n, slow = 100_000, 50_000
	for _, c := range []struct {
		name  string
		wants bool
		chunk chunk.Policy
		gives bool
	}{
		{"wanted", true, nil, true},
		{"not wanted", false, nil, false},
		{"fixed chunk", true, chunk.Fixed(n), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := &drainer{core: work.Core{Name: "drainer", Workers: 2, Adapts: true}}
			gave := 0 // number of tasks that were left when Drain first returned
			x.between = func(left int) { gave = max(gave, left) }
			runs := make([]int, n)
			k := Kernel[int, int]{Func: func(_ context.Context, i int) (int, error) {
				runs[i]++
				if i != slow {
					return 2 * i, nil
				}
				if c.wants {
					x.tasks.Want()
				}
				for begun := time.Now(); time.Since(begun) < 3*chunk.Target; {
				}
				return 2 * i, nil
			}}
			out, err := k.Map(t.Context(), x, slices.Collect(count(n)), Options{Chunk: c.chunk})
			if err != nil {
				t.Fatal(err)
			}
			for i := range out {
				if runs[i] != 1 || out[i] != 2*i {
					t.Fatalf("task %d ran %d times, output %d", i, runs[i], out[i])
				}
			}
			if gives := gave > 0; gives != c.gives {
				t.Errorf("%d tasks were given back", gave)
			}
		})
	}
}
