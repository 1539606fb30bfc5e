package peers

import (
	"context"
	"sync"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
)

// The go statement is nobody's library, and what most would write first.
func goroutinesLibrary() Library {
	return Library{
		Import: "none: the go statement",
		Calls:  "WaitGroup.Go for each task, and Wait",
		Native: native("goroutines", "a goroutine for each task and a WaitGroup, without a bound", catalog.Capabilities{Unbounded: true, Idiom: catalog.MapIdiom}, func(_ int) (*catalog.Native, error) {
			return &catalog.Native{Map: goroutinesMap}, nil
		}),
		Traits: Traits{Panic: Dies, Goexit: Alone, Errors: NoErrors, Submit: Queues},
		Job: job("goroutines-job", "a goroutine for each chunk as an executor, without a bound", catalog.Capabilities{Unbounded: true}, func(n int) (inproc.Peer, error) {
			wg := new(sync.WaitGroup)
			submit := func(run func()) error { wg.Go(run); return nil }
			return inproc.Peer{Submit: submit, Close: wg.Wait}, nil
		}),
	}
}

func goroutinesMap(_ context.Context, n int, task func(i int) error) error {
	var first firstError
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { first.note(task(i)) })
	}
	wg.Wait()
	return first.err()
}
