package peers

import (
	"context"

	"github.com/sourcegraph/conc/iter"

	"github.com/payoff-bench/payoff/strategies/catalog"
)

func concIterLibrary() Library {
	return Library{
		Import: "github.com/sourcegraph/conc/iter",
		Calls:  "Iterator.ForEachIdx with MaxGoroutines",
		Native: native("conc-iter", "conc/iter in its own idiom: ForEachIdx over a slice, goroutines that share a counter", catalog.Capabilities{Idiom: catalog.MapIdiom}, func(n int) (*catalog.Native, error) {
			return &catalog.Native{Map: concIterMap(n)}, nil
		}),
		Traits: Traits{Panic: PropagatedLosing, Goexit: LosesRest, Errors: NoErrors, Submit: Whole},
		NoJob:  "it takes a slice, so there is nothing to submit a chunk to",
	}
}

func concIterMap(workers int) func(ctx context.Context, n int, task func(i int) error) error {
	return func(_ context.Context, n int, task func(i int) error) error {
		var first firstError
		iter.Iterator[struct{}]{MaxGoroutines: workers}.ForEachIdx(make([]struct{}, n), func(i int, _ *struct{}) {
			first.note(task(i))
		})
		return first.err()
	}
}
