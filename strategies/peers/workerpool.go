package peers

import (
	"context"
	"sync"

	"github.com/gammazero/workerpool"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
)

func workerpoolLibrary() Library {
	return Library{
		Import: "github.com/gammazero/workerpool",
		Calls:  "Submit and a WaitGroup, on a pool that stays",
		Native: catalog.Strategy{
			Name:         "workerpool",
			Doc:          "gammazero/workerpool in its own idiom: a pool that stays, Submit and a WaitGroup",
			Capabilities: catalog.Capabilities{Parallel: true, Balances: true, Idiom: catalog.MapIdiom},
			New: func(_ context.Context, c catalog.Config) (strategies.Executor, error) {
				n, err := c.WorkerCount()
				if err != nil {
					return nil, err
				}
				pool := workerpool.New(n)
				return &catalog.Native{Name: "workerpool", Map: workerpoolMap(pool), End: pool.StopWait}, nil
			},
		},
		Traits: Traits{Panic: Dies, Goexit: LosesWorker, Errors: NoErrors, Submit: Queues},
		Job: catalog.Strategy{
			Name:         "workerpool-job",
			Doc:          "gammazero/workerpool as an executor: Do for each chunk, into its queue without a bound",
			Capabilities: catalog.Capabilities{Parallel: true, Balances: true, LosesGoexit: true, Limits: true},
			New: func(_ context.Context, c catalog.Config) (strategies.Executor, error) {
				n, err := c.WorkerCount()
				if err != nil {
					return nil, err
				}
				pool := workerpool.New(n)
				return inproc.Peer{Name: "workerpool-job", Workers: n, Submit: pool.Do, Close: pool.StopWait}.Executor(), nil
			},
		},
	}
}

func workerpoolMap(pool *workerpool.WorkerPool) func(ctx context.Context, n int, task func(i int) error) error {
	return func(_ context.Context, n int, task func(i int) error) error {
		var first firstError
		var wg sync.WaitGroup
		wg.Add(n)
		for i := range n {
			pool.Submit(func() {
				defer wg.Done()
				first.note(task(i))
			})
		}
		wg.Wait()
		return first.err()
	}
}
