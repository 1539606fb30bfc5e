package kernels

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/workloads"
)

// TestStagedTasks checks that jobs of each kind, on each kind of executor, stamp exactly one task in
// k, and have the outputs of the direct loop.
func TestStagedTasks(t *testing.T) {
	processes := func() strategies.Executor {
		c := itself
		c.Workers = 2
		ex, err := procs.New(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return ex
	}
	const n = 700
	for _, e := range []struct {
		name string
		ex   strategies.Executor
		none []string // kinds of jobs that the executor lacks
	}{
		{"pool", strategies.Pool(2), nil},
		{"actor", strategies.Actor(2), nil},
		{"loop", strategies.Loop(), nil},
		{"procs", processes(), nil},
		{"native map", &catalog.Native{Name: "plain", Map: func(_ context.Context, n int, task func(int) error) (err error) {
			for i := range n {
				err = errors.Join(err, task(i))
			}
			return err
		}}, []string{"input", "completion", "single"}},
		{"native stream", &catalog.Native{Name: "plain", Stream: func(_ context.Context, n int, task func(int) func()) error {
			for i := range n {
				task(i)()
			}
			return nil
		}}, []string{"map", "completion", "single"}},
	} {
		defer e.ex.Close()
		for _, job := range []struct {
			name string
			kind workloads.JobKind
			o    strategies.Options
		}{
			{"map", workloads.MapJob, strategies.Options{}},
			{"map", workloads.MapJob, strategies.Options{Chunk: chunk.Fixed(1)}},
			{"input", workloads.StreamJob, strategies.Options{Order: strategies.InputOrder, Window: 100}},
			{"input", workloads.StreamJob, strategies.Options{Order: strategies.InputOrder, Chunk: chunk.Fixed(30)}},
			{"completion", workloads.StreamJob, strategies.Options{Order: strategies.CompletionOrder, Window: 100}},
			{"single", workloads.SingleJob, strategies.Options{}},
		} {
			_, native := e.ex.(*catalog.Native)
			if slices.Contains(e.none, job.name) || native && job.o.Chunk != nil {
				continue
			}
			if native {
				job.o.Window = 0
			}
			t.Run(fmt.Sprint(e.name, " ", job.name, " ", job.o.Chunk), func(t *testing.T) {
				w := newSpin()
				if e.name == "loop" {
					w = newSleep()
				}
				l := prepare(t, w, workloads.Params{Grain: max(100, w.Finest)}, n)
				want := digest(t, l, l.Direct(t.Context()))
				for _, every := range []int{1, 7, 64, n + 1} {
					s := workloads.Stages{Every: every}
					if got := digest(t, l, l.Staged(t.Context(), e.ex, job.o, job.kind, &s)); got != want {
						t.Errorf("digest %x, want %x as in the direct loop", got, want)
					}
					if got := len(s.Tasks) + s.Dropped; got < n/every || got > (n+every-1)/every {
						t.Errorf("stamped %d of %d tasks, want one in %d", got, n, every)
					}
				}
			})
		}
	}
}
