package strategiestest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// limitRules are about time in this process. Their cases run in bubbles: see [RunInBubble].
var limitRules = []rule{
	{"three clocks", `Three clocks, never confused: how long a caller waits (its context), how long
one task may run (from its own start, per task even inside a chunk), how long the whole job
may take.`, inside | limits | bounded, inBubble(1, threeClocks)},
	{"strays", `The outcome of a task that is over its limit is a timeout at that moment; the job goes on
and ends without it. Its worker runs nothing until it returns, and the executor reports it as
lost.`, inside | limits | bounded, inBubble(2, lostWorkers)},
	{"strays of streams", `A stream goes on without a task that is over its limit too, in both orders;
the late result is dropped.`, inside | limits | parallel, inBubble(2, streamStrays)},
	{"limit in the task", `A task sees its limit as the deadline of its context, and the timeout as its
cause. That is its outcome whatever it returns then.`, inside | limits, inBubble(1, limitSeen)},
	{"end with strays", `Close does not wait for tasks past their limit, nor Stop for longer than its
context; both say how many there are. All is free once these have returned.`, inside | limits | bounded, inBubble(2, endWithStrays)},
	{"close finishes with strays", `Close finishes what was accepted, even where it must wait for a
worker that was lost.`, inside | limits | bounded, inBubble(1, closeWithStrays)},
	{"limit nested", `A job with a limit that a task of its own executor waits for is refused.`, inside | limits, inBubble(2, limitNested)},
}

// taskLimit is the limit of the tasks here.
const taskLimit = 10 * time.Second

// inBubble returns a case that runs f in a time of its own, with an executor that is closed
// when all tasks have returned.
func inBubble(workers int, f func(t *testCase, ex strategies.Executor)) func(t *testCase) {
	return func(t *testCase) {
		synctest.Test(t.T, func(bubble *testing.T) {
			inner := &testCase{T: bubble, strategy: t.strategy, config: t.config, turn: t.turn}
			inner.do(func(t *testCase) {
				ex := t.executor(workers)
				t.cleanup(func() { time.Sleep(2 * time.Hour) }) // the strays return
				f(t, ex)
			})
		})
	}
}

// lost returns the number of workers that are lost when all goroutines wait.
func lost(ex strategies.Executor) int64 {
	synctest.Wait()
	return ex.Counts().Lost
}

// nap takes as long as its input says, whether or not its context ends.
var nap = strategies.NewKernel("nap", func(_ context.Context, d time.Duration) (time.Duration, error) {
	time.Sleep(d)
	return d, nil
})

// mapNaps maps naps on ex.
func mapNaps(ctx context.Context, ex strategies.Executor, limit time.Duration, naps ...time.Duration) ([]time.Duration, error) {
	return nap.Map(ctx, ex, naps, strategies.Options{Limit: limit})
}

func threeClocks(t *testCase, ex strategies.Executor) {
	eight := slices.Repeat([]time.Duration{8 * time.Second}, 6)
	var out []time.Duration
	var err error

	// Six tasks of 8 s are each within 10 s, though their chunk is not.
	took := timed(func() {
		_, err = nap.Map(background, ex, eight, strategies.Options{Limit: taskLimit, Chunk: chunk.Fixed(6)})
	})
	t.ok(err)
	want(t, "time of tasks within the limit", took, 48*time.Second)

	// The job has 20 s: the task that runs then goes on to its end, within its own limit.
	ctx, cancel := context.WithTimeout(background, 20*time.Second)
	defer cancel()
	took = timed(func() { out, err = mapNaps(ctx, ex, taskLimit, eight...) })
	e := t.failedJob(err)
	t.check(e.Cause == context.DeadlineExceeded && e.Failed == 0 && out[2] == 8*time.Second && out[3] == 0,
		"a job over its time: %v, %v", out, err)
	want(t, "time of a job over its time", took, 24*time.Second)

	// If that task does not end, its limit ends the job all the same.
	ctx, cancel = context.WithTimeout(background, 4*time.Second)
	defer cancel()
	took = timed(func() { _, err = mapNaps(ctx, ex, taskLimit, time.Hour, time.Hour) })
	e = t.failedJob(err)
	t.check(e.Cause == context.DeadlineExceeded && e.Failed == 1 && late(e.Task(0)) && !late(e.Task(1)),
		"a job over its time with a task over its limit: %v", err)
	want(t, "time of a job with a task over its limit", took, taskLimit)
	time.Sleep(time.Hour) // until the stray returns

	// A caller that gives up disturbs nothing.
	f := nap.Go(background, ex, 8*time.Second, strategies.Options{})
	ctx, cancel = context.WithTimeout(background, time.Second)
	defer cancel()
	_, err = f.Wait(ctx)
	want(t, "error of a caller that gave up", err, context.DeadlineExceeded)
	v, err := f.Wait(background)
	t.ok(err)
	want(t, "output of the task, which went on", v, 8*time.Second)
}

// late reports whether a task was over taskLimit.
func late(err error) bool {
	e, ok := errors.AsType[*strategies.TimeoutError](err)
	return ok && e.Limit == taskLimit
}

func lostWorkers(t *testCase, ex strategies.Executor) {
	in := slices.Repeat([]time.Duration{time.Second}, 6)
	in[1] = time.Hour
	for _, size := range []int{1, 3, 100} {
		var out []time.Duration
		var err error
		o := chunked(size)
		o.Limit = taskLimit
		took := timed(func() { out, err = nap.Map(background, ex, in, o) })
		if e := t.failedJob(err); e.Failed != 1 || !late(e.Task(1)) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("chunk %d: %v", size, err)
		}
		t.check(out[1] == 0 && out[5] == time.Second, "chunk %d: outputs %v", size, out)
		if ex.Core().Workers == 1 {
			// Nothing else runs while the stray does.
			want(t, "time with one worker", took, time.Hour+5*time.Second)
			continue
		}
		t.check(took <= 2*taskLimit, "chunk %d: took %v", size, took)
		want(t, "workers lost", lost(ex), 1)
		// The other worker runs tasks as before.
		took = timed(func() { _, err = mapNaps(background, ex, 0, time.Second, time.Second) })
		t.ok(err)
		want(t, "time of two tasks next to a stray", took, 2*time.Second)
		time.Sleep(time.Hour)
		want(t, "workers lost when the stray has returned", lost(ex), 0)
	}
}

func streamStrays(t *testCase, ex strategies.Executor) {
	in := slices.Repeat([]time.Duration{time.Second}, 1000)
	in[3] = 500 * time.Second // while the ring goes round many times
	for _, e := range []entry{inOrder, asCompleted} {
		for i, o := range outcomes(t, ex, nap, in, strategies.Options{Limit: taskLimit, Window: 4}, e) {
			t.check(late(o.err) == (i == 3) && (i == 3 || o.err == nil && o.value == time.Second),
				"%s: task %d: %s", e, i, o)
		}
	}
}

func limitSeen(t *testCase, ex strategies.Executor) {
	var cause error
	var deadline time.Duration
	listen := kernel(func(ctx context.Context, i int) (int, error) {
		at, _ := ctx.Deadline()
		deadline = time.Until(at)
		<-ctx.Done()
		cause = context.Cause(ctx)
		return 7, nil
	})
	e := mapFails(t, ex, listen, []int{1}, strategies.Options{Limit: taskLimit})
	t.check(late(e.Task(0)), "a task that listens: %v", e)
	synctest.Wait() // it may have been left for a moment
	want(t, "deadline that the task saw", deadline, taskLimit)
	_, ok := errors.AsType[*strategies.TimeoutError](cause)
	t.check(ok, "the task saw %v end its context", cause)
	want(t, "counts", ex.Counts(), strategies.Counts{Submitted: 1, Failed: 1})
}

func endWithStrays(t *testCase, ex strategies.Executor) {
	workers := ex.Core().Workers
	took := timed(func() {
		_, err := mapNaps(background, ex, time.Second, slices.Repeat([]time.Duration{time.Hour}, workers)...)
		t.is("strays", err, context.DeadlineExceeded)
		synctest.Wait()
		// Accepted, and with no worker to run it before a stray returns.
		queued := mapping(background, ex, nap, []time.Duration{time.Second}, strategies.Options{})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(background, time.Minute)
		defer cancel()
		stopping := async(func() error { return ex.Stop(ctx) })
		t.is("what was queued", queued.wait(), strategies.ErrClosed)
		closed, stopped := ex.Close(), stopping.wait()
		for what, err := range map[string]error{"close": closed, "stop": stopped} {
			e, ok := errors.AsType[*strategies.StrayError](err)
			t.check(ok && e.Tasks == workers, "%s: %v", what, err)
		}
		t.is("stop", stopped, context.DeadlineExceeded)
	})
	want(t, "time of all", took, time.Minute+time.Second)
	time.Sleep(time.Hour)
	synctest.Wait()
	t.ok(ex.Close())
	t.ok(ex.Stop(cancelled))
}

func closeWithStrays(t *testCase, ex strategies.Executor) {
	mapNaps(background, ex, time.Second, time.Hour)
	f := nap.Go(background, ex, time.Second, strategies.Options{})
	t.ok(ex.Close())
	v, err := f.Wait(background)
	t.ok(err)
	want(t, "output of what was accepted", v, time.Second)
}

func limitNested(t *testCase, ex strategies.Executor) {
	outer := kernel(func(ctx context.Context, i int) (int, error) {
		_, err := mapNaps(ctx, ex, time.Second, 1)
		return i, err
	})
	_, err := outer.Map(background, ex, []int{1}, strategies.Options{})
	t.is("map", err, strategies.ErrNested)
}
