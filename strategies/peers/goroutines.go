package peers

import (
	"context"
	"sync"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

// goroutinesLibrary describes the go statement as if it were a library, since most programs begin
// with plain goroutines.
func goroutinesLibrary() Library {
	return Library{
		Import: "none: the go statement",
		Calls:  "WaitGroup.Go for each task, and Wait",
		Code:   "new(sync.WaitGroup)",
		Native: row("goroutines", "a goroutine for each task, with no bound on their number, and a WaitGroup", catalog.Capabilities{Unbounded: true, Idiom: catalog.MapIdiom}, func(_ int) (work.Executor, error) {
			return &catalog.Native{Name: "goroutines", Map: func(_ context.Context, n int, task func(i int) error) error {
				var first firstError
				var wg sync.WaitGroup
				for i := range n {
					wg.Go(func() { first.note(task(i)) })
				}
				wg.Wait()
				return first.err()
			}}, nil
		}),
		Traits: Traits{Panic: Dies, Goexit: Alone, Errors: NoErrors, Submit: Queues},
		Job: row("goroutines-job", "an executor that starts a goroutine for each chunk, with no bound on their number", catalog.Capabilities{Unbounded: true, Limits: true}, func(n int) (work.Executor, error) {
			wg := new(sync.WaitGroup)
			return inproc.Peer{Name: "goroutines-job", Workers: n, Submit: func(run func()) error { wg.Go(run); return nil }, Unbounded: true, Close: wg.Wait}.Executor(), nil
		}),
	}
}
