package inproc_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

func newLoop(t *testing.T) work.Executor {
	ex := inproc.Loop()
	t.Cleanup(func() { ex.Close() })
	return ex
}

// All tasks wait at the same time on one goroutine, so the job takes as long as the longest wait.
func TestLoopWaitsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 10_000
		ex := newLoop(t)
		before, most := runtime.NumGoroutine(), 0
		k := strategies.Kernel[int, int]{Func: double.Func, Begin: func(_ context.Context, i int, ev strategies.Events, done func(int, error)) {
			ev.After(time.Duration(1+i%7)*time.Second, func(err error) {
				most = max(most, runtime.NumGoroutine())
				done(2*i, err)
			})
		}}
		in := slices.Collect(count(n))
		for _, run := range []func() error{
			func() error { _, err := k.Map(t.Context(), ex, in, strategies.Options{}); return err },
			func() (err error) {
				for _, e := range k.Stream(t.Context(), ex, slices.Values(in), strategies.Options{Window: n, Order: strategies.CompletionOrder}) {
					err = e
				}
				return err
			},
		} {
			began := time.Now()
			if err := run(); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took != 7*time.Second {
				t.Errorf("%d waits of up to 7 s took %v of virtual time", n, took)
			}
		}
		if most-before > 5 { // room for the stream's feeder and goroutines that watch contexts
			t.Errorf("%d goroutines for %d waits", most-before, n)
		}
	})
}

// Timers fire in the order of their times, not in the order in which they were set. When a task
// ends, its timers are cancelled.
func TestLoopTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := newLoop(t)
		began := time.Now()
		var fired []string
		k := strategies.Kernel[int, int]{Func: double.Func, Begin: func(_ context.Context, _ int, ev strategies.Events, done func(int, error)) {
			for _, ms := range []int{30, 10, 40, 20, 50} {
				ev.After(time.Duration(ms)*time.Millisecond, func(error) {
					fired = append(fired, fmt.Sprint(ms, time.Since(began)))
					if ms == 40 {
						done(0, nil)
					}
				})
			}
		}}
		if _, err := k.Go(t.Context(), ex, 0, strategies.Options{}).Wait(t.Context()); err != nil {
			t.Error(err)
		}
		if err := ex.Close(); err != nil {
			t.Error(err)
		}
		if got, want := fmt.Sprint(fired), "[10 10ms 20 20ms 30 30ms 40 40ms]"; got != want {
			t.Errorf("fired %s, want %s", got, want)
		}
		if took := time.Since(began); took != 40*time.Millisecond {
			t.Errorf("Close took %v: it waited for a timer of a task that has ended", took)
		}
	})
}
