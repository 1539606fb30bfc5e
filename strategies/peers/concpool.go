package peers

import (
	"context"

	"github.com/sourcegraph/conc/pool"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
)

func concPoolLibrary() Library {
	return Library{
		Import: "github.com/sourcegraph/conc/pool",
		Calls:  "New().WithMaxGoroutines(n).WithErrors(), Go and Wait, for each job",
		Native: native("conc-pool", "conc/pool in its own idiom: a pool for each job, Go and Wait", catalog.Capabilities{Idiom: catalog.MapIdiom}, func(n int) (*catalog.Native, error) {
			return &catalog.Native{Map: concPoolMap(n)}, nil
		}),
		Traits: Traits{Panic: Propagated, Goexit: Alone, Errors: AllErrors, Submit: Blocks},
		// Go starts a goroutine and then passes it the task. If another's task ends that
		// goroutine in between, by Goexit, the first waits until somebody starts one more.
		Job: job("conc-pool-job", "conc/pool as an executor: Go for each chunk, on one pool that stays", catalog.Capabilities{LosesGoexit: true}, func(n int) (inproc.Peer, error) {
			p := pool.New().WithMaxGoroutines(n)
			submit := func(run func()) error { p.Go(run); return nil }
			return inproc.Peer{Submit: submit, Close: p.Wait}, nil
		}),
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
