package strategies

import (
	"testing"

	"github.com/payoff-bench/payoff/strategies/chunk"
)

// A job allocates a small constant number of objects, and none per task.
func TestAllocations(t *testing.T) {
	const n = 10_000
	ex := Pool(2)
	defer ex.Close()
	in, out := make([]int, n), make([]int, n)
	jobs := map[string]struct {
		most float64
		run  func(o Options)
	}{
		"map": {30, func(o Options) {
			if err := double.MapInto(t.Context(), ex, in, out, o); err != nil {
				t.Error(err)
			}
		}},
		"stream": {80, func(o Options) {
			for _, err := range double.Stream(t.Context(), ex, count(n), o) {
				if err != nil {
					t.Error(err)
				}
			}
		}},
	}
	for name, job := range jobs {
		for _, o := range []Options{{}, {Chunk: chunk.Fixed(16)}, {Order: CompletionOrder}, {Window: 16}} {
			if name == "map" && (o.Order != InputOrder || o.Window > 0) {
				continue
			}
			if got := testing.AllocsPerRun(10, func() { job.run(o) }); got > job.most {
				t.Errorf("a %s of %d tasks with %+v allocates %v times", name, n, o, got)
			}
		}
	}
}
