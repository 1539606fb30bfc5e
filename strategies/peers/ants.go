package peers

import (
	"context"
	"sync"

	"github.com/panjf2000/ants/v2"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

func antsLibrary() Library {
	return Library{
		Import: "github.com/panjf2000/ants/v2",
		Calls:  "Pool.Submit and a WaitGroup, on one long-lived pool",
		Code:   "ants.NewPool({workers})",
		Native: row("ants", "ants used directly: calls Submit of a long-lived pool for each task; waits with a WaitGroup", catalog.Capabilities{Idiom: catalog.MapIdiom}, func(n int) (work.Executor, error) {
			pool, err := ants.NewPool(n)
			if err != nil {
				return nil, err
			}
			return &catalog.Native{Name: "ants", End: pool.Release, Map: func(_ context.Context, n int, task func(i int) error) error {
				var first firstError
				var wg sync.WaitGroup
				for i := range n {
					wg.Add(1)
					if err := pool.Submit(func() {
						defer wg.Done()
						first.note(task(i))
					}); err != nil {
						first.note(err)
						wg.Done()
					}
				}
				wg.Wait()
				return first.err()
			}}, nil
		}),
		Traits: Traits{Panic: Swallowed, Goexit: Alone, Errors: NoErrors, Submit: Blocks},
		Job: row("ants-job", "ants as an executor: calls Submit of a long-lived pool for each chunk", catalog.Capabilities{Limits: true}, func(n int) (work.Executor, error) {
			pool, err := ants.NewPool(n)
			if err != nil {
				return nil, err
			}
			return inproc.Peer{Name: "ants-job", Workers: n, Submit: pool.Submit, Close: pool.Release}.Executor(), nil
		}),
	}
}
