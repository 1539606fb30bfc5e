package peers

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
)

func errgroupLibrary() Library {
	return Library{
		Import: "golang.org/x/sync/errgroup",
		Calls:  "SetLimit, Go and Wait, a group for each job",
		Native: catalog.Strategy{
			Name:         "errgroup",
			Doc:          "errgroup in its own idiom: SetLimit, Go for each task, and Wait",
			Capabilities: catalog.Capabilities{Parallel: true, Balances: true, Idiom: catalog.MapIdiom},
			New: func(_ context.Context, c catalog.Config) (strategies.Executor, error) {
				n, err := c.WorkerCount()
				if err != nil {
					return nil, err
				}
				return &catalog.Native{Name: "errgroup", Map: errgroupMap(n)}, nil
			},
		},
		Traits: Traits{Panic: Dies, Goexit: Alone, Errors: FirstError, Submit: Blocks},
		Job: catalog.Strategy{
			Name:         "errgroup-job",
			Doc:          "errgroup as an executor: Go for each chunk, on one group that stays",
			Capabilities: catalog.Capabilities{Parallel: true, Balances: true, Limits: true},
			New: func(_ context.Context, c catalog.Config) (strategies.Executor, error) {
				n, err := c.WorkerCount()
				if err != nil {
					return nil, err
				}
				g := new(errgroup.Group)
				g.SetLimit(n)
				return inproc.Peer{
					Name:    "errgroup-job",
					Workers: n,
					Submit: func(run func()) error {
						g.Go(func() error { run(); return nil })
						return nil
					},
					Close: func() { g.Wait() }, // it returns nothing but nil
				}.Executor(), nil
			},
		},
	}
}

func errgroupMap(workers int) func(ctx context.Context, n int, task func(i int) error) error {
	return func(_ context.Context, n int, task func(i int) error) error {
		g := new(errgroup.Group)
		g.SetLimit(workers)
		for i := range n {
			g.Go(func() error { return task(i) })
		}
		return g.Wait()
	}
}
