package peers

import (
	"context"

	"github.com/sourcegraph/conc/stream"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
)

func concStreamLibrary() Library {
	return Library{
		Import: "github.com/sourcegraph/conc/stream",
		Calls:  "New().WithMaxGoroutines(n), Go with a callback for each task, and Wait",
		Native: row("conc-stream", "conc/stream in its own idiom: callbacks in input order", catalog.Capabilities{Idiom: catalog.StreamIdiom}, func(n int) (work.Executor, error) {
			return &catalog.Native{Name: "conc-stream", Stream: func(_ context.Context, tasks int, task func(i int) func()) error {
				s := stream.New().WithMaxGoroutines(n)
				for i := range tasks {
					s.Go(func() stream.Callback { return task(i) })
				}
				s.Wait()
				return nil
			}}, nil
		}),
		Traits: Traits{Panic: Propagated, Goexit: Hangs, Errors: NoErrors, Order: true, Submit: Blocks},
		NoJob:  "it orders the outcomes itself: an executor over it would order chunks twice, and could not recall tasks",
	}
}
