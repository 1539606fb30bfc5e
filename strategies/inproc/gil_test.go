package inproc_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/inproc"
)

// Tasks that wait by strategies.Wait release the lock and overlap. Tasks that wait in any other way
// hold the lock.
func TestGILWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const workers, n = 4, 12
		ex := inproc.GIL(workers)
		defer ex.Close()
		for _, c := range []struct {
			wait func(ctx context.Context) error
			want time.Duration
		}{
			{func(ctx context.Context) error { return strategies.Wait(ctx, time.Second) }, n / workers * time.Second},
			{func(context.Context) error { time.Sleep(time.Second); return nil }, n * time.Second},
		} {
			began := time.Now()
			k := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) { return i, c.wait(ctx) }}
			if _, err := k.Map(t.Context(), ex, make([]int, n), strategies.Options{}); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took != c.want {
				t.Errorf("%d waits of 1 s on %d workers took %v, want %v", n, workers, took, c.want)
			}
		}
	})
}

// The lock passes to another worker after the switch interval.
func TestGILSwitches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := inproc.GIL(2)
		defer ex.Close()
		id := &strategies.Local[int]{}
		var ids, order []int
		k := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
			me := id.Of(ctx)
			if *me == 0 {
				ids = append(ids, i)
				*me = len(ids)
			}
			order = append(order, *me)
			time.Sleep(time.Millisecond) // a task that computes
			return i, nil
		}}
		if _, err := k.Map(t.Context(), ex, make([]int, 100), strategies.Options{}); err != nil {
			t.Error(err)
		}
		for i, run := 1, 1; i < len(order); i++ {
			if order[i] == order[i-1] {
				run++
				continue
			}
			if want := 5; run != want {
				t.Errorf("the lock passed after %d tasks of 1 ms, before task %d, want %d", run, i, want)
			}
			run = 1
		}
		if len(ids) != 2 {
			t.Errorf("%d workers ran tasks", len(ids))
		}
	})
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if err := strategies.Wait(t.Context(), time.Second); err != nil || time.Since(began) != time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		if err := strategies.Wait(ctx, time.Hour); err != cause || time.Since(began) != time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}
