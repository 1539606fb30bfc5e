package peers

import (
	"context"

	"github.com/alitto/pond/v2"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
)

func pondLibrary() Library {
	return Library{
		Import: "github.com/alitto/pond/v2",
		Calls:  "NewGroupContext, SubmitErr and Wait, on a pool that stays",
		Native: native("pond", "pond in its own idiom: a pool that stays, a task group for each job", catalog.Capabilities{Idiom: catalog.MapIdiom}, func(n int) (*catalog.Native, error) {
			pool := pond.NewPool(n)
			return &catalog.Native{Map: pondMap(pool), End: pool.StopAndWait}, nil
		}),
		Traits: Traits{Panic: Returned, Goexit: Hangs, Errors: FirstError, ErrorStops: true, Submit: Queues, Cancel: true},
		Job: job("pond-job", "pond as an executor: Go for each chunk, into its queue without a bound", catalog.Capabilities{}, func(n int) (inproc.Peer, error) {
			pool := pond.NewPool(n)
			return inproc.Peer{Submit: pool.Go, Close: pool.StopAndWait}, nil
		}),
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
