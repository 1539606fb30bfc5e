package peers

import (
	"context"
	"sync"

	"github.com/panjf2000/ants/v2"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
)

func antsLibrary() Library {
	return Library{
		Import: "github.com/panjf2000/ants/v2",
		Calls:  "Pool.Submit and a WaitGroup, on a pool that stays",
		Native: catalog.Strategy{
			Name:         "ants",
			Doc:          "ants in its own idiom: a pool that stays, Submit and a WaitGroup",
			Capabilities: catalog.Capabilities{Parallel: true, Balances: true, Idiom: catalog.MapIdiom},
			New: func(_ context.Context, c catalog.Config) (strategies.Executor, error) {
				pool, err := newAnts(c)
				if err != nil {
					return nil, err
				}
				return &catalog.Native{Name: "ants", Map: antsMap(pool), End: pool.Release}, nil
			},
		},
		Traits: Traits{Panic: Swallowed, Goexit: Alone, Errors: NoErrors, Submit: Blocks},
		Job: catalog.Strategy{
			Name:         "ants-job",
			Doc:          "ants as an executor: Submit for each chunk",
			Capabilities: catalog.Capabilities{Parallel: true, Balances: true, Limits: true},
			New: func(_ context.Context, c catalog.Config) (strategies.Executor, error) {
				pool, err := newAnts(c)
				if err != nil {
					return nil, err
				}
				return inproc.Peer{Name: "ants-job", Workers: pool.Cap(), Submit: pool.Submit, Close: pool.Release}.Executor(), nil
			},
		},
	}
}

func newAnts(c catalog.Config) (*ants.Pool, error) {
	n, err := c.WorkerCount()
	if err != nil {
		return nil, err
	}
	return ants.NewPool(n)
}

func antsMap(pool *ants.Pool) func(ctx context.Context, n int, task func(i int) error) error {
	return func(_ context.Context, n int, task func(i int) error) error {
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
	}
}
