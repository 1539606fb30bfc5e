package peers

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
)

func errgroupLibrary() Library {
	return Library{
		Import: "golang.org/x/sync/errgroup",
		Calls:  "SetLimit, Go and Wait, a group for each job",
		Native: native("errgroup", "errgroup in its own idiom: SetLimit, Go for each task, and Wait", catalog.Capabilities{Idiom: catalog.MapIdiom}, func(n int) (*catalog.Native, error) {
			return &catalog.Native{Map: errgroupMap(n)}, nil
		}),
		Traits: Traits{Panic: Dies, Goexit: Alone, Errors: FirstError, Submit: Blocks},
		Job: job("errgroup-job", "errgroup as an executor: Go for each chunk, on one group that stays", catalog.Capabilities{}, func(n int) (inproc.Peer, error) {
			g := new(errgroup.Group)
			g.SetLimit(n)
			return inproc.Peer{
				Submit: func(run func()) error {
					g.Go(func() error { run(); return nil })
					return nil
				},
				Close: func() { g.Wait() }, // it returns nothing but nil
			}, nil
		}),
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
