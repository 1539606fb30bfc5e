package peers

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

func errgroupLibrary() Library {
	return Library{
		Import: "golang.org/x/sync/errgroup",
		Calls:  "SetLimit, Go and Wait, on a new group for each job",
		Code:   "new(errgroup.Group)",
		Native: row("errgroup", "errgroup used directly: a new group with a limit for each job; calls Go for each task, and Wait", catalog.Capabilities{Idiom: catalog.MapIdiom}, func(n int) (work.Executor, error) {
			return &catalog.Native{Name: "errgroup", Map: func(_ context.Context, tasks int, task func(i int) error) error {
				g := new(errgroup.Group)
				g.SetLimit(n)
				for i := range tasks {
					g.Go(func() error { return task(i) })
				}
				return g.Wait()
			}}, nil
		}),
		Traits: Traits{Panic: Dies, Goexit: Alone, Errors: FirstError, Submit: Blocks},
		Job: row("errgroup-job", "errgroup as an executor: calls Go of a long-lived group for each chunk", catalog.Capabilities{Limits: true}, func(n int) (work.Executor, error) {
			g := new(errgroup.Group)
			g.SetLimit(n)
			return inproc.Peer{
				Name: "errgroup-job", Workers: n,
				Submit: func(run func()) error {
					g.Go(func() error { run(); return nil })
					return nil
				},
				Close: func() { g.Wait() }, // its error is always nil
			}.Executor(), nil
		}),
	}
}
