package kernels

import (
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/workloads"
)

// TestProcesses checks that in worker processes, every workload has the digest of the direct loop,
// and that tasks that share state share it across processes.
func TestProcesses(t *testing.T) {
	c := itself
	c.Workers = 3
	ex, err := procs.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	const n = 60
	for _, w := range All() {
		t.Run(w.Name, func(t *testing.T) {
			l := prepare(t, w, sound(t, w), n)
			want := digest(t, l, l.Direct(t.Context()))
			for range 2 {
				if got := digest(t, l, l.Map(t.Context(), ex, strategies.Options{Chunk: chunk.Fixed(3)})); got != want {
					t.Errorf("map: digest %x, want %x as in the direct loop", got, want)
				}
			}
			if got := digest(t, l, l.Stamped(t.Context(), ex, strategies.Options{Order: strategies.CompletionOrder})); got != want {
				t.Errorf("stream: digest %x, want %x as in the direct loop", got, want)
			}
			v := l.Values()
			staged := workloads.Stages{Every: 7}
			if got := digest(t, l, l.Staged(t.Context(), ex, strategies.Options{}, workloads.StreamJob, &staged)); got != want {
				t.Errorf("stream with stages: digest %x, want %x as in the direct loop", got, want)
			}
			switch {
			case v[workloads.FirstUnit] <= 0 || v[workloads.HeldUnit] <= 0 || v[workloads.HeldTasksUnit] < 1:
				t.Errorf("values of a stream: got %v, want times of deliveries above 0", v)
			case w.Name == "semaphore4" && (v[insideUnit] < 1 || v[insideUnit] > 4):
				t.Errorf("%v tasks held a place of the semaphore at the same time, want 1 to 4", v[insideUnit])
			case (w.Name == "racy" || w.Name == "counter") && (v[lostUnit] < 0 || v[lostUnit] >= n):
				t.Errorf("the counter lost %v of %d updates, want from 0 to fewer than all", v[lostUnit], n)
			case w.Waits && v[workloads.ServiceUnit] <= 0:
				t.Errorf("the mean running time of a task is %v ns, want more than 0", v[workloads.ServiceUnit])
			}
		})
	}
}
