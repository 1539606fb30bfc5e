package peers

import (
	"context"

	"github.com/sourcegraph/conc/pool"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

func concPoolLibrary() Library {
	return Library{
		Import: "github.com/sourcegraph/conc/pool",
		Calls:  "New().WithMaxGoroutines(n).WithErrors(), Go and Wait, for each job",
		Native: row("conc-pool", "conc/pool in its own idiom: a pool for each job, Go and Wait", catalog.Capabilities{Idiom: catalog.MapIdiom}, func(n int) (work.Executor, error) {
			return &catalog.Native{Name: "conc-pool", Map: func(_ context.Context, tasks int, task func(i int) error) error {
				p := pool.New().WithMaxGoroutines(n).WithErrors()
				for i := range tasks {
					p.Go(func() error { return task(i) })
				}
				return p.Wait()
			}}, nil
		}),
		Traits: Traits{Panic: Propagated, Goexit: Alone, Errors: AllErrors, Submit: Blocks},
		// Go starts a goroutine and then passes the task to it. If a task of another Go ends
		// that goroutine by Goexit in between, the first task waits until a later Go starts a
		// goroutine.
		Job: row("conc-pool-job", "conc/pool as an executor: Go for each chunk, on one pool that stays", catalog.Capabilities{LosesGoexit: true, Limits: true}, func(n int) (work.Executor, error) {
			p := pool.New().WithMaxGoroutines(n)
			submit := func(run func()) error { p.Go(run); return nil }
			return inproc.Peer{Name: "conc-pool-job", Workers: n, Submit: submit, Close: p.Wait}.Executor(), nil
		}),
	}
}
