package peers

import (
	"context"

	"github.com/sourcegraph/conc/stream"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

func concStreamLibrary() Library {
	return Library{
		Import: "github.com/sourcegraph/conc/stream",
		Calls:  "New().WithMaxGoroutines(n), Go with a callback for each task, and Wait",
		Native: catalog.Strategy{
			Name:         "conc-stream",
			Doc:          "conc/stream in its own idiom: callbacks in input order",
			Capabilities: catalog.Capabilities{Parallel: true, Balances: true, Idiom: catalog.StreamIdiom},
			New: func(_ context.Context, c catalog.Config) (strategies.Executor, error) {
				n, err := c.WorkerCount()
				if err != nil {
					return nil, err
				}
				return &catalog.Native{Name: "conc-stream", Stream: concStream(n)}, nil
			},
		},
		Traits: Traits{Panic: Propagated, Goexit: Hangs, Errors: NoErrors, Order: true, Submit: Blocks},
		NoJob:  "its order is its own: over it, chunks would be put in order twice, and tasks could not be recalled from it",
	}
}

func concStream(workers int) func(ctx context.Context, n int, task func(i int) func()) error {
	return func(_ context.Context, n int, task func(i int) func()) error {
		s := stream.New().WithMaxGoroutines(workers)
		for i := range n {
			s.Go(func() stream.Callback { return task(i) })
		}
		s.Wait()
		return nil
	}
}
