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

// limitRules are rules for time in this process. Their cases run in synctest bubbles: see
// [RunInBubble]. A stray is a task that still runs after its limit.
var limitRules = []rule{
	{"three clocks", `The context bounds the wait of a caller, the limit bounds one task from its own start,
even in a chunk, and the context of a job bounds the job.`, needs{inside, limits, bounded}, inBubble(1, threeClocks)},
	{"strays", `At its limit a task gets a timeout as its outcome, and the job goes on without it. Its
worker runs nothing until the task returns; until then the executor counts it as lost.`, needs{inside, limits, bounded}, inBubble(2, lostWorkers)},
	{"strays of streams", `In both orders, a stream goes on without a task that is over its limit, and drops
its late result.`, needs{inside, limits, parallel}, inBubble(2, streamStrays)},
	{"limit in the task", `The context of a task with a limit has a deadline: the limit. When it has passed, the
cause of the context is the timeout. A task over its limit has the timeout as its outcome even
if it returns a value.`, needs{inside, limits}, inBubble(1, limitSeen)},
	{"end with strays", `Close does not wait for strays, and Stop waits for them until its context ends. Both
return the number of strays. After all strays have returned, Close and Stop succeed.`, needs{inside, limits, bounded}, inBubble(2, endWithStrays)},
	{"close finishes with strays", `Close runs all accepted tasks, even if it must wait for a lost worker.`, needs{inside, limits, bounded}, inBubble(1, closeWithStrays)},
	{"limit nested", `A task cannot wait for a job with a limit on its own executor: the executor refuses the job.`, needs{inside, limits}, inBubble(2, limitNested)},
}

// taskLimit is the limit of most tasks in the cases of limitRules.
const taskLimit = 10 * time.Second

// inBubble returns a case that runs f in a bubble of synctest, with a new executor. At the end of
// the case, two hours later on the fake clock, all strays have returned, and the case closes the
// executor.
func inBubble(workers int, f func(t *testCase, ex strategies.Executor)) func(t *testCase) {
	return func(t *testCase) {
		synctest.Test(t.T, func(bubble *testing.T) {
			inner := &testCase{T: bubble, strategy: t.strategy, config: t.config, turn: t.turn}
			inner.do(func(t *testCase) {
				ex := t.executor(workers)
				t.cleanup(func() { time.Sleep(2 * time.Hour) }) // lets strays return
				f(t, ex)
			})
		})
	}
}

// lost waits until all goroutines of the synctest bubble block. It then returns the number of lost
// workers of ex.
func lost(ex strategies.Executor) int64 {
	synctest.Wait()
	return ex.Counts().Lost
}

// nap is a kernel that sleeps for the time that is its input, and ignores its context.
var nap = strategies.NewKernel("nap", func(_ context.Context, d time.Duration) (time.Duration, error) {
	time.Sleep(d)
	return d, nil
})

// mapNaps runs a map of the kernel nap on ex. It returns the outputs and the time that the map
// took.
func mapNaps(ctx context.Context, ex strategies.Executor, o strategies.Options, naps ...time.Duration) ([]time.Duration, time.Duration, error) {
	begun := time.Now()
	out, err := nap.Map(ctx, ex, naps, o)
	return out, time.Since(begun), err
}

func threeClocks(t *testCase, ex strategies.Executor) {
	eight := slices.Repeat([]time.Duration{8 * time.Second}, 6)
	o := strategies.Options{Limit: taskLimit}

	// Each of six tasks of 8 s is within the limit of 10 s, although their chunk is not.
	_, took, err := mapNaps(background, ex, strategies.Options{Limit: taskLimit, Chunk: chunk.Fixed(6)}, eight...)
	t.ok(err)
	want(t, "time of tasks within the limit", took, 48*time.Second)

	// The job has 20 s. The task that runs at that time continues to its end, within its limit.
	ctx, cancel := context.WithTimeout(background, 20*time.Second)
	defer cancel()
	out, took, err := mapNaps(ctx, ex, o, eight...)
	e := t.failedJob(err)
	t.check(e.Cause == context.DeadlineExceeded && e.Failed == 0 && out[2] == 8*time.Second && out[3] == 0,
		"a job over its time: %v, %v", out, err)
	want(t, "how long a job took that was over its time", took, 24*time.Second)

	// If that task does not end, the job ends at the limit of the task.
	ctx, cancel = context.WithTimeout(background, 4*time.Second)
	defer cancel()
	_, took, err = mapNaps(ctx, ex, o, time.Hour, time.Hour)
	e = t.failedJob(err)
	t.check(e.Cause == context.DeadlineExceeded && e.Failed == 1 && late(e.Task(0)) && !late(e.Task(1)),
		"a job over its time with a task over its limit: %v", err)
	want(t, "time of a job with a task over its limit", took, taskLimit)
	time.Sleep(time.Hour) // until the stray returns

	// A caller that stops waiting does not stop the task.
	f := nap.Go(background, ex, 8*time.Second, strategies.Options{})
	ctx, cancel = context.WithTimeout(background, time.Second)
	defer cancel()
	_, err = f.Wait(ctx)
	want(t, "error of a caller that stopped waiting", err, context.DeadlineExceeded)
	v, err := f.Wait(background)
	t.ok(err)
	want(t, "output of the task, which went on", v, 8*time.Second)
}

// late reports whether err is the error of a task that exceeded taskLimit.
func late(err error) bool {
	e, ok := errors.AsType[*strategies.TimeoutError](err)
	return ok && e.Limit == taskLimit
}

func lostWorkers(t *testCase, ex strategies.Executor) {
	in := slices.Repeat([]time.Duration{time.Second}, 6)
	in[1] = time.Hour
	for _, size := range []int{1, 3, 100} {
		o := chunked(size)
		o.Limit = taskLimit
		out, took, err := mapNaps(background, ex, o, in...)
		if e := t.failedJob(err); e.Failed != 1 || !late(e.Task(1)) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("chunk %d: %v", size, err)
		}
		t.check(out[1] == 0 && out[5] == time.Second, "chunk %d: outputs %v", size, out)
		if ex.Core().Workers == 1 {
			// No other task runs while the stray runs.
			want(t, "time with one worker", took, time.Hour+5*time.Second)
			continue
		}
		t.check(took <= 2*taskLimit, "chunk %d: took %v", size, took)
		want(t, "workers lost", lost(ex), 1)
		// The other worker continues to run tasks.
		_, took, err = mapNaps(background, ex, strategies.Options{}, time.Second, time.Second)
		t.ok(err)
		want(t, "time of two tasks next to a stray", took, 2*time.Second)
		time.Sleep(time.Hour)
		want(t, "workers lost when the stray has returned", lost(ex), 0)
	}
}

func streamStrays(t *testCase, ex strategies.Executor) {
	in := slices.Repeat([]time.Duration{time.Second}, 1000)
	in[3] = 500 * time.Second // long enough for the stream to use the task's slot many times
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
	t.check(late(e.Task(0)), "a task that returns when its context ends: %v", e)
	synctest.Wait() // the job may end a moment before the task returns
	want(t, "deadline that the task saw", deadline, taskLimit)
	t.check(late(cause), "the cause of the end of the task's context is %v", cause)
	want(t, "counts", ex.Counts(), strategies.Counts{Submitted: 1, Failed: 1})
}

func endWithStrays(t *testCase, ex strategies.Executor) {
	workers := ex.Core().Workers
	begun := time.Now()
	_, _, err := mapNaps(background, ex, strategies.Options{Limit: time.Second}, slices.Repeat([]time.Duration{time.Hour}, workers)...)
	t.is("strays", err, context.DeadlineExceeded)
	synctest.Wait()
	// This map is accepted, but gets no worker until a stray returns.
	queued := mapping(background, ex, nap, []time.Duration{time.Second}, strategies.Options{})
	synctest.Wait()
	ctx, cancel := context.WithTimeout(background, time.Minute)
	defer cancel()
	stopping := async(func() error { return ex.Stop(ctx) })
	t.is("queued map", queued.wait(), strategies.ErrClosed)
	closed, stopped := ex.Close(), stopping.wait()
	for what, err := range map[string]error{"close": closed, "stop": stopped} {
		e, ok := errors.AsType[*strategies.StrayError](err)
		t.check(ok && e.Tasks == workers, "%s: %v", what, err)
	}
	t.is("stop", stopped, context.DeadlineExceeded)
	want(t, "time of all", time.Since(begun), time.Minute+time.Second)
	time.Sleep(time.Hour)
	synctest.Wait()
	t.ok(ex.Close())
	t.ok(ex.Stop(cancelled))
}

func closeWithStrays(t *testCase, ex strategies.Executor) {
	mapNaps(background, ex, strategies.Options{Limit: time.Second}, time.Hour)
	f := nap.Go(background, ex, time.Second, strategies.Options{})
	t.ok(ex.Close())
	v, err := f.Wait(background)
	t.ok(err)
	want(t, "output of the accepted task", v, time.Second)
}

func limitNested(t *testCase, ex strategies.Executor) {
	outer := kernel(func(ctx context.Context, i int) (int, error) {
		_, _, err := mapNaps(ctx, ex, strategies.Options{Limit: time.Second}, 1)
		return i, err
	})
	_, err := outer.Map(background, ex, []int{1}, strategies.Options{})
	t.is("map", err, strategies.ErrNested)
}
