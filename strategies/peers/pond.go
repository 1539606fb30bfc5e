package peers

import (
	"context"

	"github.com/alitto/pond/v2"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

func pondLibrary() Library {
	return Library{
		Import: "github.com/alitto/pond/v2",
		Calls:  "NewGroupContext, SubmitErr and Wait, on one long-lived pool",
		Code:   "pond.NewPool({workers})",
		Native: row("pond", "pond used directly: a new task group for each job, in a long-lived pool", catalog.Capabilities{Idiom: catalog.MapIdiom}, func(n int) (work.Executor, error) {
			pool := pond.NewPool(n)
			return &catalog.Native{Name: "pond", End: pool.StopAndWait, Map: func(ctx context.Context, n int, task func(i int) error) error {
				group := pool.NewGroupContext(ctx)
				for i := range n {
					group.SubmitErr(func() error { return task(i) })
				}
				return group.Wait()
			}}, nil
		}),
		Traits: Traits{Panic: Returned, Goexit: Hangs, Errors: FirstError, ErrorStops: true, Submit: Queues, Cancel: true},
		Job: row("pond-job", "pond as an executor: calls Go of a long-lived pool for each chunk; the queue of the pool has no bound", catalog.Capabilities{Limits: true}, func(n int) (work.Executor, error) {
			pool := pond.NewPool(n)
			return inproc.Peer{Name: "pond-job", Workers: n, Submit: pool.Go, Close: pool.StopAndWait}.Executor(), nil
		}),
	}
}
