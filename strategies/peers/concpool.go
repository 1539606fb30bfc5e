package peers

import (
	"context"

	"github.com/sourcegraph/conc/pool"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
)

func concPoolLibrary() Library {
	return Library{
		Import: "github.com/sourcegraph/conc/pool",
		Calls:  "New().WithMaxGoroutines(n).WithErrors(), Go and Wait, for each job",
		Native: catalog.Strategy{
			Name:         "conc-pool",
			Doc:          "conc/pool in its own idiom: a pool for each job, Go and Wait",
			Capabilities: catalog.Capabilities{Parallel: true, Balances: true, Idiom: catalog.MapIdiom},
			New: func(_ context.Context, c catalog.Config) (strategies.Executor, error) {
				n, err := c.WorkerCount()
				if err != nil {
					return nil, err
				}
				return &catalog.Native{Name: "conc-pool", Map: concPoolMap(n)}, nil
			},
		},
		Traits: Traits{Panic: Propagated, Goexit: Alone, Errors: AllErrors, Submit: Blocks},
		Job: catalog.Strategy{
			Name: "conc-pool-job",
			Doc:  "conc/pool as an executor: Go for each chunk, on one pool that stays",
			// Go starts a goroutine and then passes it the task. If another's task ends that
			// goroutine in between, by Goexit, the first waits until somebody starts one more.
			Capabilities: catalog.Capabilities{Parallel: true, Balances: true, LosesGoexit: true, Limits: true},
			New: func(_ context.Context, c catalog.Config) (strategies.Executor, error) {
				n, err := c.WorkerCount()
				if err != nil {
					return nil, err
				}
				p := pool.New().WithMaxGoroutines(n)
				submit := func(run func()) error { p.Go(run); return nil }
				return inproc.Peer{Name: "conc-pool-job", Workers: n, Submit: submit, Close: p.Wait}.Executor(), nil
			},
		},
	}
}

func concPoolMap(workers int) func(ctx context.Context, n int, task func(i int) error) error {
	return func(_ context.Context, n int, task func(i int) error) error {
		p := pool.New().WithMaxGoroutines(workers).WithErrors()
		for i := range n {
			p.Go(func() error { return task(i) })
		}
		return p.Wait()
	}
}
