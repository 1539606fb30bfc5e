package peers

import (
	"context"
	"sync"

	"github.com/panjf2000/ants/v2"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
)

func antsLibrary() Library {
	return Library{
		Import: "github.com/panjf2000/ants/v2",
		Calls:  "Pool.Submit and a WaitGroup, on a pool that stays",
		Native: native("ants", "ants in its own idiom: a pool that stays, Submit and a WaitGroup", catalog.Capabilities{Idiom: catalog.MapIdiom}, func(n int) (*catalog.Native, error) {
			pool, err := ants.NewPool(n)
			if err != nil {
				return nil, err
			}
			return &catalog.Native{Map: antsMap(pool), End: pool.Release}, nil
		}),
		Traits: Traits{Panic: Swallowed, Goexit: Alone, Errors: NoErrors, Submit: Blocks},
		Job: job("ants-job", "ants as an executor: Submit for each chunk", catalog.Capabilities{}, func(n int) (inproc.Peer, error) {
			pool, err := ants.NewPool(n)
			if err != nil {
				return inproc.Peer{}, err
			}
			return inproc.Peer{Submit: pool.Submit, Close: pool.Release}, nil
		}),
	}
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
