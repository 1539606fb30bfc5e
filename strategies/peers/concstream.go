package peers

import (
	"context"

	"github.com/sourcegraph/conc/stream"

	"github.com/payoff-bench/payoff/strategies/catalog"
)

func concStreamLibrary() Library {
	return Library{
		Import: "github.com/sourcegraph/conc/stream",
		Calls:  "New().WithMaxGoroutines(n), Go with a callback for each task, and Wait",
		Native: native("conc-stream", "conc/stream in its own idiom: callbacks in input order", catalog.Capabilities{Idiom: catalog.StreamIdiom}, func(n int) (*catalog.Native, error) {
			return &catalog.Native{Stream: concStream(n)}, nil
		}),
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
