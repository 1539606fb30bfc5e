package strategiestest

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var limitRules = []rule{
	{"three clocks", `Three clocks, never confused: how long a caller waits (its context), how long
one task may run (from its own start, per task even inside a chunk), how long the whole job
may take.`, inside | limits | bounded, threeClocks},
	{"strays", `The outcome of a task that is over its limit is a timeout at that moment; the job goes on
and ends without it. Its worker runs nothing until it returns, and the executor reports it as
lost.`, inside | limits | bounded, lostWorkers},
	{"strays of streams", `So in a stream, in both orders; the late result goes nowhere.`, inside | limits | parallel, streamStrays},
	{"limit in the task", `A task sees its limit as the deadline of its context, and the timeout as its
cause. That is its outcome whatever it returns then.`, inside | limits, limitSeen},
	{"end beside strays", `Close does not wait for tasks past their limit, nor Stop for longer than its
context; both say how many there are. All is free once these have returned.`, inside | limits | bounded, endBesideStrays},
	{"close finishes beside strays", `Close finishes what was accepted, even where it must wait for a
worker that was lost.`, inside | limits | bounded, closeBesideStrays},
	{"limit nested", `A job with a limit that a task of its own executor waits for is refused.`, inside | limits, limitNested},
}

// bubble runs f in a time of its own, with an executor that is closed behind it.
func (t *T) bubble(workers int, f func(t *testing.T, ex strategies.Executor)) {
	synctest.Test(t.t, func(bubble *testing.T) {
		c := t.config
		c.Workers = t.workers(workers)
		ex, err := t.Strategy.New(context.Background(), c)
		if err != nil {
			bubble.Error(err)
			return
		}
		f(bubble, ex)
		time.Sleep(2 * time.Hour) // the strays return
		if err := ex.Close(); err != nil {
			bubble.Errorf("close: %v", err)
		}
	})
}

// lost returns how many workers are lost when nothing moves any more.
func lost(ex strategies.Executor) int64 {
	synctest.Wait()
	return ex.Counts().Lost
}

// nap is a kernel that takes as long as its input says, whether or not its context ends.
var nap = strategies.Kernel[time.Duration, time.Duration]{Name: "nap", Func: func(_ context.Context, d time.Duration) (time.Duration, error) {
	time.Sleep(d)
	return d, nil
}}

func threeClocks(t *T) {
	const limit = 10 * time.Second
	eight := make([]time.Duration, 6)
	for i := range eight {
		eight[i] = 8 * time.Second
	}
	t.bubble(1, func(t *testing.T, ex strategies.Executor) {
		// Six tasks of 8 s are each within 10 s, though their chunk is not.
		begun := time.Now()
		_, err := nap.Map(context.Background(), ex, eight, strategies.Options{Limit: limit, Chunk: chunk.Fixed(6)})
		if took := time.Since(begun); err != nil || took != 48*time.Second {
			t.Errorf("tasks within the limit: %v after %v", err, took)
		}

		// The job has 20 s: the task that runs then goes on to its end, within its own limit.
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		begun = time.Now()
		out, err := nap.Map(ctx, ex, eight, strategies.Options{Limit: limit})
		var e *strategies.JobError
		if !errors.As(err, &e) || e.Cause != context.DeadlineExceeded || e.Failed != 0 || out[2] != 8*time.Second || out[3] != 0 {
			t.Errorf("a job over its time: %v, %v", out, err)
		}
		if took := time.Since(begun); took != 24*time.Second {
			t.Errorf("a job over its time took %v", took)
		}
		cancel()

		// And if it does not end, its limit ends the job all the same.
		ctx, cancel = context.WithTimeout(context.Background(), 4*time.Second)
		begun = time.Now()
		_, err = nap.Map(ctx, ex, []time.Duration{time.Hour, time.Hour}, strategies.Options{Limit: limit})
		var late *strategies.TimeoutError
		if !errors.As(err, &e) || e.Cause != context.DeadlineExceeded || e.Failed != 1 || !errors.As(e.Task(0), &late) || errors.As(e.Task(1), &late) {
			t.Errorf("a job over its time with a task over its limit: %v", err)
		}
		if took := time.Since(begun); took != limit {
			t.Errorf("it took %v", took)
		}
		cancel()
		time.Sleep(time.Hour) // until the stray returns

		// A caller that gives up disturbs nothing.
		f := nap.Go(context.Background(), ex, 8*time.Second, strategies.Options{})
		ctx, cancel = context.WithTimeout(context.Background(), time.Second)
		if _, err := f.Wait(ctx); err != context.DeadlineExceeded {
			t.Errorf("a caller gave up: %v", err)
		}
		cancel()
		if v, err := f.Wait(context.Background()); v != 8*time.Second || err != nil {
			t.Errorf("the task went on: %v, %v", v, err)
		}
	})
}

func lostWorkers(t *T) {
	const limit = 10 * time.Second
	t.bubble(2, func(t *testing.T, ex strategies.Executor) {
		workers := ex.Core().Workers
		for _, size := range []chunk.Fixed{1, 3, 100} {
			in := []time.Duration{time.Second, time.Hour, time.Second, time.Second, time.Second, time.Second}
			begun := time.Now()
			out, err := nap.Map(context.Background(), ex, in, strategies.Options{Limit: limit, Chunk: size})
			took := time.Since(begun)
			var e *strategies.JobError
			var late *strategies.TimeoutError
			if !errors.As(err, &e) || e.Failed != 1 || !errors.As(e.Task(1), &late) || late.Limit != limit || !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("chunk %d: %v", size, err)
			}
			if out[1] != 0 || out[5] != time.Second {
				t.Errorf("chunk %d: outputs %v", size, out)
			}
			if workers == 1 {
				// Nothing else runs beside the stray.
				if took != time.Hour+5*time.Second {
					t.Errorf("one worker, chunk %d: took %v", size, took)
				}
				continue
			}
			if took > 2*limit {
				t.Errorf("chunk %d: took %v", size, took)
			}
			if n := lost(ex); n != 1 {
				t.Errorf("chunk %d: %d workers lost", size, n)
			}
			// The other worker is there.
			begun = time.Now()
			if _, err := nap.Map(context.Background(), ex, []time.Duration{time.Second, time.Second}, strategies.Options{}); err != nil {
				t.Error(err)
			}
			if took := time.Since(begun); took != 2*time.Second {
				t.Errorf("two tasks beside a stray took %v", took)
			}
			time.Sleep(time.Hour)
			if n := lost(ex); n != 0 {
				t.Errorf("chunk %d: %d workers lost when the stray had returned", size, n)
			}
		}
	})
}

func streamStrays(t *T) {
	t.bubble(2, func(t *testing.T, ex strategies.Executor) {
		for _, order := range []strategies.Order{strategies.InputOrder, strategies.CompletionOrder} {
			input := func(yield func(time.Duration) bool) {
				for i := range 1000 {
					d := time.Second
					if i == 3 {
						d = 500 * time.Second // while the ring goes round many times
					}
					if !yield(d) {
						return
					}
				}
			}
			n, late := 0, 0
			for v, err := range nap.Stream(context.Background(), ex, input, strategies.Options{Limit: 10 * time.Second, Window: 4, Order: order}) {
				var timeout *strategies.TimeoutError
				switch {
				case errors.As(err, &timeout):
					late++
					var e *strategies.TaskError
					if !errors.As(err, &e) || e.Task != 3 {
						t.Errorf("%v order: %v", order, err)
					}
				case err != nil || v != time.Second:
					t.Errorf("%v order: %v, %v", order, v, err)
				}
				n++
			}
			if n != 1000 || late != 1 {
				t.Errorf("%v order: %d deliveries, %d late", order, n, late)
			}
		}
	})
}

func limitSeen(t *T) {
	const limit = 10 * time.Second
	t.bubble(1, func(t *testing.T, ex strategies.Executor) {
		var cause error
		var deadline time.Duration
		listen := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
			at, _ := ctx.Deadline()
			deadline = time.Until(at)
			<-ctx.Done()
			cause = context.Cause(ctx)
			return 7, nil
		}}
		_, err := listen.Map(context.Background(), ex, []int{1}, strategies.Options{Limit: limit})
		var e *strategies.JobError
		var late, why *strategies.TimeoutError
		if !errors.As(err, &e) || !errors.As(e.Task(0), &late) || late.Limit != limit {
			t.Errorf("a task that listens: %v", err)
		}
		synctest.Wait() // it may have been left for a moment
		if deadline != limit || !errors.As(cause, &why) {
			t.Errorf("the task saw a deadline in %v, then %v", deadline, cause)
		}
		if c := ex.Counts(); c != (strategies.Counts{Submitted: 1, Failed: 1}) {
			t.Errorf("%+v", c)
		}
	})
}

func endBesideStrays(t *T) {
	t.bubble(2, func(t *testing.T, ex strategies.Executor) {
		workers := ex.Core().Workers
		in := make([]time.Duration, workers)
		for i := range in {
			in[i] = time.Hour
		}
		begun := time.Now()
		if _, err := nap.Map(context.Background(), ex, in, strategies.Options{Limit: time.Second}); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		synctest.Wait()
		queued := make(chan error)
		go func() { // accepted, and with no worker to run it before a stray returns
			_, err := nap.Map(context.Background(), ex, []time.Duration{time.Second}, strategies.Options{})
			queued <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		stopped := make(chan error)
		go func() { stopped <- ex.Stop(ctx) }()
		if err := <-queued; !errors.Is(err, strategies.ErrClosed) {
			t.Errorf("what was queued: %v", err)
		}
		var stray *strategies.StrayError
		if err := ex.Close(); !errors.As(err, &stray) || stray.Tasks != workers {
			t.Errorf("close: %v", err)
		}
		if err := <-stopped; !errors.As(err, &stray) || stray.Tasks != workers || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("stop: %v", err)
		}
		if took := time.Since(begun); took != time.Minute+time.Second {
			t.Errorf("all took %v", took)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if err := ex.Close(); err != nil {
			t.Errorf("close when the strays have returned: %v", err)
		}
		if err := ex.Stop(ctx); err != nil {
			t.Errorf("stop when the strays have returned: %v", err)
		}
	})
}

func closeBesideStrays(t *T) {
	t.bubble(1, func(t *testing.T, ex strategies.Executor) {
		nap.Map(context.Background(), ex, []time.Duration{time.Hour}, strategies.Options{Limit: time.Second})
		f := nap.Go(context.Background(), ex, time.Second, strategies.Options{})
		if err := ex.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if v, err := f.Wait(context.Background()); v != time.Second || err != nil {
			t.Errorf("what was accepted: %v, %v", v, err)
		}
	})
}

func limitNested(t *T) {
	t.bubble(2, func(t *testing.T, ex strategies.Executor) {
		outer := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
			_, err := nap.Map(ctx, ex, []time.Duration{1}, strategies.Options{Limit: time.Second})
			return i, err
		}}
		if _, err := outer.Map(context.Background(), ex, []int{1}, strategies.Options{}); !errors.Is(err, strategies.ErrNested) {
			t.Error(err)
		}
	})
}
