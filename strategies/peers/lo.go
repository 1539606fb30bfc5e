package peers

import (
	"context"

	"github.com/samber/lo/parallel"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
)

func loLibrary() Library {
	return Library{
		Import: "github.com/samber/lo/parallel",
		Calls:  "ForEach, which starts all tasks at once",
		Code:   "parallel.ForEach[In]",
		Native: row("lo", "lo/parallel used directly: calls ForEach for a slice, which starts a goroutine for each task at once", catalog.Capabilities{Unbounded: true, Idiom: catalog.MapIdiom}, func(_ int) (work.Executor, error) {
			return &catalog.Native{Name: "lo", Map: func(_ context.Context, n int, task func(i int) error) error {
				var first firstError
				parallel.ForEach(make([]struct{}, n), func(_ struct{}, i int) { first.note(task(i)) })
				return first.err()
			}}, nil
		}),
		Traits: Traits{Panic: Dies, Goexit: Hangs, Errors: NoErrors, Submit: Whole},
		NoJob:  "the library takes all tasks at once, as a slice, and has no function that submits one chunk",
	}
}
