package peers

import (
	"context"

	"github.com/samber/lo/parallel"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

func loLibrary() Library {
	return Library{
		Import: "github.com/samber/lo/parallel",
		Calls:  "ForEach, which starts all tasks at once",
		Native: catalog.Strategy{
			Name:         "lo",
			Doc:          "lo/parallel in its own idiom: ForEach over a slice, a goroutine for each task, without a bound",
			Capabilities: catalog.Capabilities{Parallel: true, Balances: true, Unbounded: true, Idiom: catalog.MapIdiom},
			New: func(_ context.Context, c catalog.Config) (strategies.Executor, error) {
				if _, err := c.WorkerCount(); err != nil {
					return nil, err
				}
				return &catalog.Native{Name: "lo", Map: loMap}, nil
			},
		},
		Traits: Traits{Panic: Dies, Goexit: Hangs, Errors: NoErrors, Submit: Whole},
		NoJob:  "it takes a slice, so there is nothing to submit a chunk to",
	}
}

func loMap(_ context.Context, n int, task func(i int) error) error {
	var first firstError
	parallel.ForEach(make([]struct{}, n), func(_ struct{}, i int) { first.note(task(i)) })
	return first.err()
}
