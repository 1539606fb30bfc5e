package peers_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/peers"
)

// If the pool has lost a worker permanently, Close and Stop return an error. When the pool has no
// worker left, jobs fail at once. Package strategiestest cannot test this, since its leak check
// would fail: the library leaves goroutines behind.
func TestLostWorkers(t *testing.T) {
	all := peers.Table()
	job := all[slices.IndexFunc(all, func(s catalog.Strategy) bool { return s.Name == "workerpool-job" })]
	if !job.Capabilities.LosesGoexit {
		t.Error("the capability is missing")
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	ends := map[string]func(strategies.Executor) error{
		"close":                   strategies.Executor.Close,
		"stop":                    func(ex strategies.Executor) error { return ex.Stop(t.Context()) },
		"stop with ended context": func(ex strategies.Executor) error { return ex.Stop(cancelled) },
	}
	for name, end := range ends {
		for _, workers := range []int{1, 2} {
			ex, err := job.New(t.Context(), catalog.Config{Workers: workers})
			if err != nil {
				t.Fatal(err)
			}
			exit := func(_ context.Context, i int) (int, error) {
				if i == 0 {
					runtime.Goexit()
				}
				return i, nil
			}
			in := make([]int, workers) // the second one finds the first worker lost, or waits for it
			for i := range in {
				in[i] = i
			}
			if _, err := strategies.Map(t.Context(), ex, in, exit); !errors.Is(err, strategies.ErrGoexit) {
				t.Errorf("map with a task that calls Goexit: %v", err)
			}
			switch _, err := strategies.Map(t.Context(), ex, []int{1, 2, 3}, exit); {
			case workers == 1 && !errors.Is(err, strategies.ErrGoexit):
				t.Errorf("map without a worker: %v", err)
			case workers == 2 && err != nil:
				t.Errorf("map with a worker left: %v", err)
			}
			if err := end(ex); !errors.Is(err, strategies.ErrGoexit) {
				t.Errorf("%s with a lost worker of %d: %v", name, workers, err)
			}
		}
	}
}

// A task that ends its goroutine by Goexit does not make other tasks wait forever, if the pool
// starts a new goroutine in place of the ended one.
func TestStrandedChunks(t *testing.T) {
	exit := func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil }
	for _, s := range peers.Table() {
		if s.Capabilities.Idiom != catalog.AnyJob || s.Capabilities.LosesGoexit {
			continue
		}
		ex, err := s.New(t.Context(), catalog.Config{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		for range 500 {
			var jobs sync.WaitGroup
			for range 3 {
				jobs.Go(func() {
					if _, err := strategies.Map(ctx, ex, []int{0}, exit); !errors.Is(err, strategies.ErrGoexit) {
						t.Errorf("%s: %v", s.Name, err)
					}
				})
			}
			jobs.Wait()
			if t.Failed() {
				break
			}
		}
		if err := ex.Stop(ctx); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		cancel()
	}
}
