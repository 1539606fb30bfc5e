package peers

import (
	"context"

	"github.com/alitto/pond/v2"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
)

func pondLibrary() Library {
	return Library{
		Import: "github.com/alitto/pond/v2",
		Calls:  "NewGroupContext, SubmitErr and Wait, on a pool that stays",
		Native: catalog.Strategy{
			Name:         "pond",
			Doc:          "pond in its own idiom: a pool that stays, a task group for each job",
			Capabilities: catalog.Capabilities{Parallel: true, Balances: true, Idiom: catalog.MapIdiom},
			New: func(_ context.Context, c catalog.Config) (strategies.Executor, error) {
				n, err := c.WorkerCount()
				if err != nil {
					return nil, err
				}
				pool := pond.NewPool(n)
				return &catalog.Native{Name: "pond", Map: pondMap(pool), End: pool.StopAndWait}, nil
			},
		},
		Traits: Traits{Panic: Returned, Goexit: Hangs, Errors: FirstError, ErrorStops: true, Submit: Queues, Cancel: true},
		Job: catalog.Strategy{
			Name:         "pond-job",
			Doc:          "pond as an executor: Go for each chunk, into its queue without a bound",
			Capabilities: catalog.Capabilities{Parallel: true, Balances: true, Limits: true},
			New: func(_ context.Context, c catalog.Config) (strategies.Executor, error) {
				n, err := c.WorkerCount()
				if err != nil {
					return nil, err
				}
				pool := pond.NewPool(n)
				return inproc.Peer{Name: "pond-job", Workers: n, Submit: pool.Go, Close: pool.StopAndWait}.Executor(), nil
			},
		},
	}
}

func pondMap(pool pond.Pool) func(ctx context.Context, n int, task func(i int) error) error {
	return func(ctx context.Context, n int, task func(i int) error) error {
		group := pool.NewGroupContext(ctx)
		for i := range n {
			group.SubmitErr(func() error { return task(i) })
		}
		return group.Wait()
	}
}
