package inproc

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func newLoop(t *testing.T) work.Executor {
	ex, err := LoopStrategy().New(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ex.Close() })
	return ex
}

// As many waits as there are tasks take as long as the longest, on one goroutine.
func TestLoopWaitsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 10_000
		ex := newLoop(t)
		before, most := runtime.NumGoroutine(), 0
		k := Kernel[int, int]{Func: double.Func, Begin: func(_ context.Context, i int, ev *Events, done func(int, error)) {
			ev.After(time.Duration(1+i%7)*time.Second, func(err error) {
				most = max(most, runtime.NumGoroutine())
				done(2*i, err)
			})
		}}
		in := slices.Collect(count(n))
		for _, run := range []func() error{
			func() error { _, err := Map(t.Context(), ex, k, in, Options{}); return err },
			func() (err error) {
				for _, e := range Stream(t.Context(), ex, k, slices.Values(in), Options{Window: n, Order: CompletionOrder}) {
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
				t.Errorf("%d waits of up to 7 s took %v of the bubble's time", n, took)
			}
		}
		if most-before > 5 { // with the stream's feeder and what watches contexts
			t.Errorf("%d goroutines for %d waits", most-before, n)
		}
	})
}

// Timers fire in the order of their times, whatever the order in which they were set, and
// what a task no longer waits for does not fire.
func TestLoopTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := newLoop(t)
		began := time.Now()
		var fired []string
		k := Kernel[int, int]{Func: double.Func, Begin: func(_ context.Context, _ int, ev *Events, done func(int, error)) {
			for _, ms := range []int{30, 10, 40, 20, 50} {
				ev.After(time.Duration(ms)*time.Millisecond, func(error) {
					fired = append(fired, fmt.Sprint(ms, time.Since(began)))
					if ms == 40 {
						done(0, nil)
					}
				})
			}
		}}
		if _, err := Go(t.Context(), ex, k, 0).Wait(t.Context()); err != nil {
			t.Error(err)
		}
		if err := ex.Close(); err != nil {
			t.Error(err)
		}
		if got, want := fmt.Sprint(fired), "[10 10ms 20 20ms 30 30ms 40 40ms]"; got != want {
			t.Errorf("fired %s, want %s", got, want)
		}
		if took := time.Since(began); took != 40*time.Millisecond {
			t.Errorf("closed after %v: a timer of a task that has ended was waited for", took)
		}
	})
}
