package peers

import (
	"context"

	"github.com/samber/lo/parallel"

	"github.com/payoff-bench/payoff/strategies"
)

func loLibrary() Library {
	return Library{
		Import: "github.com/samber/lo/parallel",
		Calls:  "ForEach, which starts all tasks at once",
		Native: strategies.Strategy{
			Name:         "lo",
			Doc:          "lo/parallel in its own idiom: ForEach over a slice, a goroutine for each task, without a bound",
			Capabilities: strategies.Capabilities{Parallel: true, Balances: true, Unbounded: true, Idiom: strategies.MapIdiom},
			New: func(_ context.Context, c strategies.Config) (strategies.Executor, error) {
				if _, err := c.WorkerCount(); err != nil {
					return nil, err
				}
				return &strategies.Native{Name: "lo", Map: loMap}, nil
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
