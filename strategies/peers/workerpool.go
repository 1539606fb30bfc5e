package peers

import (
	"context"
	"sync"

	"github.com/gammazero/workerpool"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

func workerpoolLibrary() Library {
	return Library{
		Import: "github.com/gammazero/workerpool",
		Calls:  "Submit and a WaitGroup, on one long-lived pool",
		Code:   "workerpool.New({workers})",
		Native: row("workerpool", "gammazero/workerpool used directly: calls Submit of a long-lived pool for each task; waits with a WaitGroup", catalog.Capabilities{Idiom: catalog.MapIdiom}, func(n int) (work.Executor, error) {
			pool := workerpool.New(n)
			return &catalog.Native{Name: "workerpool", End: pool.StopWait, Map: func(_ context.Context, n int, task func(i int) error) error {
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
			}}, nil
		}),
		Traits: Traits{Panic: Dies, Goexit: LosesWorker, Errors: NoErrors, Submit: Queues},
		Job: row("workerpool-job", "gammazero/workerpool as an executor: calls Do of a long-lived pool for each chunk; the queue of the pool has no bound", catalog.Capabilities{LosesGoexit: true, Limits: true}, func(n int) (work.Executor, error) {
			pool := workerpool.New(n)
			return inproc.Peer{Name: "workerpool-job", Workers: n, Submit: pool.Do, LosesGoexit: true, Close: pool.StopWait}.Executor(), nil
		}),
	}
}
