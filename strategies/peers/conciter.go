package peers

import (
	"context"

	"github.com/sourcegraph/conc/iter"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
)

func concIterLibrary() Library {
	return Library{
		Import: "github.com/sourcegraph/conc/iter",
		Calls:  "Iterator.ForEachIdx with MaxGoroutines",
		Native: row("conc-iter", "conc/iter in its own idiom: ForEachIdx over a slice, goroutines that share a counter", catalog.Capabilities{Idiom: catalog.MapIdiom}, func(n int) (work.Executor, error) {
			return &catalog.Native{Name: "conc-iter", Map: func(_ context.Context, tasks int, task func(i int) error) error {
				var first firstError
				iter.Iterator[struct{}]{MaxGoroutines: n}.ForEachIdx(make([]struct{}, tasks), func(i int, _ *struct{}) {
					first.note(task(i))
				})
				return first.err()
			}}, nil
		}),
		Traits: Traits{Panic: PropagatedLosing, Goexit: LosesRest, Errors: NoErrors, Submit: Whole},
		NoJob:  "it takes a slice, so there is nothing to submit a chunk to",
	}
}
