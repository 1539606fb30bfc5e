package peers

import (
	"context"
	"sync"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
)

// The go statement is nobody's library, and what most would write first.
func goroutinesLibrary() Library {
	return Library{
		Import: "none: the go statement",
		Calls:  "WaitGroup.Go for each task, and Wait",
		Native: catalog.Strategy{
			Name:         "goroutines",
			Doc:          "a goroutine for each task and a WaitGroup, without a bound",
			Capabilities: catalog.Capabilities{Parallel: true, Balances: true, Unbounded: true, Idiom: catalog.MapIdiom},
			New: func(_ context.Context, c catalog.Config) (strategies.Executor, error) {
				if _, err := c.WorkerCount(); err != nil {
					return nil, err
				}
				return &catalog.Native{Name: "goroutines", Map: goroutinesMap}, nil
			},
		},
		Traits: Traits{Panic: Dies, Goexit: Alone, Errors: NoErrors, Submit: Queues},
		Job: catalog.Strategy{
			Name:         "goroutines-job",
			Doc:          "a goroutine for each chunk as an executor, without a bound",
			Capabilities: catalog.Capabilities{Parallel: true, Balances: true, Unbounded: true, Limits: true},
			New: func(_ context.Context, c catalog.Config) (strategies.Executor, error) {
				n, err := c.WorkerCount()
				if err != nil {
					return nil, err
				}
				wg := new(sync.WaitGroup)
				submit := func(run func()) error { wg.Go(run); return nil }
				return inproc.Peer{Name: "goroutines-job", Workers: n, Submit: submit, Close: wg.Wait}.Executor(), nil
			},
		},
	}
}

func goroutinesMap(_ context.Context, n int, task func(i int) error) error {
	var first firstError
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { first.note(task(i)) })
	}
	wg.Wait()
	return first.err()
}
