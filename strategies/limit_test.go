package strategies_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// inBubble runs a test over every strategy that keeps limits, each in a time of its own.
func inBubble(t *testing.T, workers int, test func(t *testing.T, ex strategies.Executor)) {
	for _, s := range strategies.Table() {
		if !s.Capabilities.Limits {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := strategies.Config{Workers: workers}
				if !s.Capabilities.Parallel {
					c.Workers = 1
				}
				ex, err := s.New(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				test(t, ex)
			})
		})
	}
}

// nap is a kernel that takes as long as its input says, whether or not its context ends.
var nap = strategies.Kernel[time.Duration, time.Duration]{Name: "nap", Func: func(_ context.Context, d time.Duration) (time.Duration, error) {
	time.Sleep(d)
	return d, nil
}}

// Three clocks: a task's limit, from its own start even inside a chunk; how long the job
// may take; and how long a caller waits.
func TestThreeClocks(t *testing.T) {
	const limit = 10 * time.Second
	eight := make([]time.Duration, 6)
	for i := range eight {
		eight[i] = 8 * time.Second
	}
	inBubble(t, 1, func(t *testing.T, ex strategies.Executor) {
		// Six tasks of 8 s are each within 10 s, though their chunk is not.
		begun := time.Now()
		_, err := strategies.Map(t.Context(), ex, nap, eight, strategies.Options{Limit: limit, Chunk: strategies.Fixed(6)})
		if took := time.Since(begun); err != nil || took != 48*time.Second {
			t.Errorf("tasks within the limit: %v after %v", err, took)
		}

		// The job has 20 s: the task that runs then goes on to its end, within its own limit.
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		begun = time.Now()
		out, err := strategies.Map(ctx, ex, nap, eight, strategies.Options{Limit: limit})
		var e *strategies.JobError
		if !errors.As(err, &e) || e.Cause != context.DeadlineExceeded || len(e.Tasks) != 0 || out[2] != 8*time.Second || out[3] != 0 {
			t.Errorf("a job over its time: %v, %v", out, err)
		}
		if took := time.Since(begun); took != 24*time.Second {
			t.Errorf("a job over its time took %v", took)
		}
		cancel()

		// And if it does not end, its limit ends the job all the same.
		ctx, cancel = context.WithTimeout(t.Context(), 4*time.Second)
		begun = time.Now()
		_, err = strategies.Map(ctx, ex, nap, []time.Duration{time.Hour, time.Hour}, strategies.Options{Limit: limit})
		var late *strategies.TimeoutError
		if !errors.As(err, &e) || e.Cause != context.DeadlineExceeded || len(e.Tasks) != 1 || !errors.As(e.Task(0), &late) || errors.As(e.Task(1), &late) {
			t.Errorf("a job over its time with a task over its limit: %v", err)
		}
		if took := time.Since(begun); took != limit {
			t.Errorf("it took %v", took)
		}
		cancel()
		time.Sleep(time.Hour) // until the stray returns

		// A caller that gives up disturbs nothing.
		f := strategies.Go(t.Context(), ex, nap, 8*time.Second)
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		if _, err := f.Wait(ctx); err != context.DeadlineExceeded {
			t.Errorf("a caller gave up: %v", err)
		}
		cancel()
		if v, err := f.Wait(t.Context()); v != 8*time.Second || err != nil {
			t.Errorf("the task went on: %v, %v", v, err)
		}
		if err := ex.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A task past its limit has its outcome at that moment, and the job goes on and ends
// without it. Its worker runs nothing until it returns, which the executor says.
func TestStrays(t *testing.T) {
	const limit = 10 * time.Second
	inBubble(t, 2, func(t *testing.T, ex strategies.Executor) {
		workers := ex.(strategies.Workers).Workers()
		lost := func() int64 { synctest.Wait(); return ex.(strategies.Counter).Counts().Lost }
		for _, chunk := range []strategies.Fixed{1, 3, 100} {
			in := []time.Duration{time.Second, time.Hour, time.Second, time.Second, time.Second, time.Second}
			begun := time.Now()
			out, err := strategies.Map(t.Context(), ex, nap, in, strategies.Options{Limit: limit, Chunk: chunk})
			took := time.Since(begun)
			var e *strategies.JobError
			var late *strategies.TimeoutError
			if !errors.As(err, &e) || len(e.Tasks) != 1 || !errors.As(e.Task(1), &late) || late.Limit != limit || !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("chunk %d: %v", chunk, err)
			}
			if out[1] != 0 || out[5] != time.Second {
				t.Errorf("chunk %d: outputs %v", chunk, out)
			}
			if workers == 1 {
				// Nothing else runs beside the stray.
				if took != time.Hour+5*time.Second {
					t.Errorf("one worker, chunk %d: took %v", chunk, took)
				}
				continue
			}
			if took > 2*limit {
				t.Errorf("chunk %d: took %v", chunk, took)
			}
			if n := lost(); n != 1 {
				t.Errorf("chunk %d: %d workers lost", chunk, n)
			}
			// The other worker is there.
			begun = time.Now()
			if _, err := strategies.Map(t.Context(), ex, nap, []time.Duration{time.Second, time.Second}, strategies.Options{}); err != nil {
				t.Error(err)
			}
			if took := time.Since(begun); took != 2*time.Second {
				t.Errorf("two tasks beside a stray took %v", took)
			}
			time.Sleep(time.Hour)
			if n := lost(); n != 0 {
				t.Errorf("chunk %d: %d workers lost when the stray had returned", chunk, n)
			}
		}
		if err := ex.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A stream goes on beside a stray, in both orders, and its slots are not confused when the
// stray returns at last.
func TestStraysOfStreams(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, ex strategies.Executor) {
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
			for v, err := range strategies.Stream(t.Context(), ex, nap, input, strategies.Options{Limit: 10 * time.Second, Window: 4, Order: order}) {
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
		if err := ex.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A task that listens to its context gets it with the limit as its cause, and that is its
// outcome whatever it returns; no worker stays lost.
func TestLimitReachesTheTask(t *testing.T) {
	const limit = 10 * time.Second
	inBubble(t, 1, func(t *testing.T, ex strategies.Executor) {
		var cause error
		var deadline time.Duration
		listen := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
			at, _ := ctx.Deadline()
			deadline = time.Until(at)
			<-ctx.Done()
			cause = context.Cause(ctx)
			return 7, nil
		}}
		_, err := strategies.Map(t.Context(), ex, listen, []int{1}, strategies.Options{Limit: limit})
		var e *strategies.JobError
		var late, why *strategies.TimeoutError
		if !errors.As(err, &e) || !errors.As(e.Task(0), &late) || late.Limit != limit {
			t.Errorf("a task that listens: %v", err)
		}
		synctest.Wait() // it may have been left for a moment
		if deadline != limit || !errors.As(cause, &why) {
			t.Errorf("the task saw a deadline in %v, then %v", deadline, cause)
		}
		if c := ex.(strategies.Counter).Counts(); c != (strategies.Counts{Submitted: 1, Failed: 1}) {
			t.Errorf("%+v", c)
		}
		if err := ex.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Close does not wait for strays, nor does Stop for longer than it may; both say so. All
// is free once they have returned.
func TestEndBesideStrays(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, ex strategies.Executor) {
		workers := ex.(strategies.Workers).Workers()
		in := make([]time.Duration, workers)
		for i := range in {
			in[i] = time.Hour
		}
		begun := time.Now()
		if _, err := strategies.Map(t.Context(), ex, nap, in, strategies.Options{Limit: time.Second}); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		synctest.Wait()
		queued := make(chan error)
		go func() { // accepted, and with no worker to run it before a stray returns
			_, err := strategies.Map(t.Context(), ex, nap, []time.Duration{time.Second}, strategies.Options{})
			queued <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
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

// Close finishes what was accepted, even where a stray must return before.
func TestCloseFinishesBesideStrays(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, ex strategies.Executor) {
		strategies.Map(t.Context(), ex, nap, []time.Duration{time.Hour}, strategies.Options{Limit: time.Second})
		f := strategies.Go(t.Context(), ex, nap, time.Second)
		if err := ex.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if v, err := f.Wait(t.Context()); v != time.Second || err != nil {
			t.Errorf("what was accepted: %v, %v", v, err)
		}
	})
}

// A job with a limit cannot be waited for by a task of its own executor, whose worker
// would be lost with it.
func TestLimitNested(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, ex strategies.Executor) {
		outer := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
			_, err := strategies.Map(ctx, ex, nap, []time.Duration{1}, strategies.Options{Limit: time.Second})
			return i, err
		}}
		if _, err := strategies.Map(t.Context(), ex, outer, []int{1}, strategies.Options{}); !errors.Is(err, strategies.ErrNested) {
			t.Error(err)
		}
		if err := ex.Close(); err != nil {
			t.Error(err)
		}
	})
}
