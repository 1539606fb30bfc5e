package peers

import (
	"context"

	"github.com/sourcegraph/conc/iter"
	"github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

func concPoolLibrary() Library {
	return Library{
		Import: "github.com/sourcegraph/conc/pool",
		Calls:  "New().WithMaxGoroutines(n).WithErrors(), Go and Wait, for each job",
		Code:   "pool.New().WithMaxGoroutines({workers}).WithErrors()",
		Native: row("conc-pool", "conc/pool used directly: a new pool for each job; calls Go for each task, and Wait", catalog.Capabilities{Idiom: catalog.MapIdiom}, func(n int) (work.Executor, error) {
			return &catalog.Native{Name: "conc-pool", Map: func(_ context.Context, tasks int, task func(i int) error) error {
				p := pool.New().WithMaxGoroutines(n).WithErrors()
				for i := range tasks {
					p.Go(func() error { return task(i) })
				}
				return p.Wait()
			}}, nil
		}),
		Traits: Traits{Panic: Propagated, Goexit: Alone, Errors: AllErrors, Submit: Blocks},
		// Go starts a goroutine and then passes the task to it. If in between a task of another Go
		// call ends that goroutine by Goexit, the first task waits until a later Go call starts a
		// goroutine.
		Job: row("conc-pool-job", "conc/pool as an executor: calls Go of a long-lived pool for each chunk", catalog.Capabilities{Limits: true}, func(n int) (work.Executor, error) {
			p := pool.New().WithMaxGoroutines(n)
			return inproc.Peer{Name: "conc-pool-job", Workers: n, Submit: func(run func()) error { p.Go(run); return nil }, StrandsGoexit: true, Close: p.Wait}.Executor(), nil
		}),
	}
}

func concIterLibrary() Library {
	return Library{
		Import: "github.com/sourcegraph/conc/iter",
		Calls:  "Iterator.ForEachIdx with MaxGoroutines",
		Code:   "iter.Iterator[In]{MaxGoroutines: {workers}}",
		Native: row("conc-iter", "conc/iter used directly: calls ForEachIdx for a slice; its goroutines share a counter", catalog.Capabilities{Idiom: catalog.MapIdiom}, func(n int) (work.Executor, error) {
			return &catalog.Native{Name: "conc-iter", Map: func(_ context.Context, tasks int, task func(i int) error) error {
				var first firstError
				iter.Iterator[struct{}]{MaxGoroutines: n}.ForEachIdx(make([]struct{}, tasks), func(i int, _ *struct{}) {
					first.note(task(i))
				})
				return first.err()
			}}, nil
		}),
		Traits: Traits{Panic: PropagatedLosing, Goexit: LosesRest, Errors: NoErrors, Submit: Whole},
		NoJob:  "the library takes all tasks at once, as a slice, and has no function that submits one chunk",
	}
}

func concStreamLibrary() Library {
	return Library{
		Import: "github.com/sourcegraph/conc/stream",
		Calls:  "New().WithMaxGoroutines(n), Go with a callback for each task, and Wait",
		Code:   "stream.New().WithMaxGoroutines({workers})",
		Native: row("conc-stream", "conc/stream used directly: calls Go for each task; delivers in input order through callbacks", catalog.Capabilities{Idiom: catalog.StreamIdiom}, func(n int) (work.Executor, error) {
			return &catalog.Native{Name: "conc-stream", Stream: func(_ context.Context, tasks int, task func(i int) func()) error {
				s := stream.New().WithMaxGoroutines(n)
				for i := range tasks {
					s.Go(func() stream.Callback { return task(i) })
				}
				s.Wait()
				return nil
			}}, nil
		}),
		Traits: Traits{Panic: Propagated, Goexit: Hangs, Errors: NoErrors, Order: true, Submit: Blocks},
		NoJob:  "the library puts outcomes in order itself; an executor would order them twice, and could not take tasks back",
	}
}
