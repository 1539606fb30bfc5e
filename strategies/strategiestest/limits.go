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

// limitRules are rules for time limits, for executors whose workers are goroutines. Their cases run
// in synctest bubbles: see [RunInBubble]. A stray is a task that still runs after its limit.
var limitRules = []rule{
	{"three clocks", `The context of a wait limits the time that the caller waits. Options.Limit
limits the running time of each task, from its own start and not from the start of its chunk. The
context of a job limits the time of the job.`, needs{inside, limits, bounded}, inBubble(1, threeClocks)},
	{"strays", `When a task reaches its limit, its outcome is a TimeoutError, and the job goes on
without the task. Until that task returns, its worker runs no other task, and the executor counts
the worker as lost.`, needs{inside, limits, bounded}, inBubble(2, lostWorkers)},
	{"strays of streams", `If a task exceeds its limit, a stream of either order goes on without
the task, and drops its late output.`, needs{inside, limits, parallel}, inBubble(2, streamStrays)},
	{"limit in the task", `The limit of a task is the deadline of its context. After the deadline, the cause of
the context is a TimeoutError. This error is also the outcome of the task, even if the task
returns a value later.`, needs{inside, limits}, inBubble(1, limitSeen)},
	{"end with strays", `Close does not wait for a stray, which is a task that still runs after its limit. Stop
waits for strays until its context ends. The errors of both give the number of strays. After all
strays have returned, Close and Stop succeed.`, needs{inside, limits, bounded}, inBubble(2, endWithStrays)},
	{"close finishes with strays", `Close finishes all accepted tasks, even if the only worker is busy with a task that exceeds its limit.`, needs{inside, limits, bounded}, inBubble(1, closeWithStrays)},
	{"limit nested", `If a task submits a job with a limit to its own executor, the executor refuses the job with ErrNested.`, needs{inside, limits}, inBubble(2, limitNested)},
}

// taskLimit is the time limit of most tasks in the cases of limitRules.
const taskLimit = 10 * time.Second

// inBubble returns a case that runs f in a bubble of synctest, with a new executor. After f, the
// case lets two hours pass on the fake clock, so that all strays return. It then closes the
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

// lost returns the number of workers of ex that are blocked by tasks past their time limit. It
// first waits until all goroutines of the synctest bubble block, so that the number is final.
func lost(ex strategies.Executor) int64 {
	synctest.Wait()
	return ex.Counts().Lost
}

// nap is a kernel whose input is a duration. It sleeps for this duration, whatever its context
// says, and returns the duration.
var nap = strategies.NewKernel("nap", func(_ context.Context, d time.Duration) (time.Duration, error) {
	time.Sleep(d)
	return d, nil
})

// mapNaps runs a map of the kernel nap on ex, with naps as the inputs. It returns the outputs and
// the duration of the map.
func mapNaps(ctx context.Context, ex strategies.Executor, o strategies.Options, naps ...time.Duration) ([]time.Duration, time.Duration, error) {
	begun := time.Now()
	out, err := nap.Map(ctx, ex, naps, o)
	return out, time.Since(begun), err
}

func threeClocks(t *testCase, ex strategies.Executor) {
	eight := slices.Repeat([]time.Duration{8 * time.Second}, 6)
	o := strategies.Options{Limit: taskLimit}

	// A task of 8 s is within the limit of 10 s, although its chunk of six tasks takes longer.
	_, took, err := mapNaps(background, ex, strategies.Options{Limit: taskLimit, Chunk: chunk.Fixed(6)}, eight...)
	t.ok(err)
	want(t, "time of six tasks that end before their limits", took, 48*time.Second)

	// The context gives the job 20 s. A task that runs at that time continues to its end, because
	// it keeps its limit.
	ctx, cancel := context.WithTimeout(background, 20*time.Second)
	defer cancel()
	out, took, err := mapNaps(ctx, ex, o, eight...)
	e := t.failedJob(err)
	t.check(e.Cause == context.DeadlineExceeded && e.Failed == 0 && out[2] == 8*time.Second && out[3] == 0,
		"a job whose context times out: got outputs %v, error %v; want an output of task 2, none of task 3, and DeadlineExceeded", out, err)
	want(t, "time of a job whose context timed out while a task ran", took, 24*time.Second)

	// If the running task does not end, the job ends at the limit of that task.
	ctx, cancel = context.WithTimeout(background, 4*time.Second)
	defer cancel()
	_, took, err = mapNaps(ctx, ex, o, time.Hour, time.Hour)
	e = t.failedJob(err)
	t.check(e.Cause == context.DeadlineExceeded && e.Failed == 1 && late(e.Task(0)) && !late(e.Task(1)),
		"a job whose context times out while a task exceeds its limit: got error %v, want DeadlineExceeded, and a TimeoutError of task 0 only", err)
	want(t, "time of a job with a task that exceeds its limit", took, taskLimit)
	time.Sleep(time.Hour) // wait until the stray returns

	// A caller that stops waiting does not stop the task.
	f := nap.Go(background, ex, 8*time.Second, strategies.Options{})
	ctx, cancel = context.WithTimeout(background, time.Second)
	defer cancel()
	_, err = f.Wait(ctx)
	want(t, "error of a caller that stopped waiting", err, context.DeadlineExceeded)
	v, err := f.Wait(background)
	t.ok(err)
	want(t, "output of the task after its caller stopped waiting", v, 8*time.Second)
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
			t.Fatalf("chunk %d: got error %v, want a TimeoutError of task 1 only", size, err)
		}
		t.check(out[1] == 0 && out[5] == time.Second, "chunk %d: got outputs %v, want none for task 1 and 1s for task 5", size, out)
		if ex.Core().Workers == 1 {
			// No other task runs while the stray runs.
			want(t, "time of a map whose only worker runs a stray", took, time.Hour+5*time.Second)
			continue
		}
		t.check(took <= 2*taskLimit, "chunk %d: the map took %v, more than twice the limit of a task", size, took)
		want(t, "lost workers while a stray runs", lost(ex), 1)
		// The other worker continues to run tasks.
		_, took, err = mapNaps(background, ex, strategies.Options{}, time.Second, time.Second)
		t.ok(err)
		want(t, "time of two tasks while a stray runs", took, 2*time.Second)
		time.Sleep(time.Hour)
		want(t, "lost workers after the stray has returned", lost(ex), 0)
	}
}

func streamStrays(t *testCase, ex strategies.Executor) {
	in := slices.Repeat([]time.Duration{time.Second}, 1000)
	in[3] = 500 * time.Second // the stream uses the slot of this task many times meanwhile
	for _, e := range []entry{inOrder, asCompleted} {
		for i, o := range outcomes(t, ex, nap, in, strategies.Options{Limit: taskLimit, Window: 4}, e) {
			t.check(late(o.err) == (i == 3) && (i == 3 || o.err == nil && o.value == time.Second),
				"%s: task %d: got %s, want a TimeoutError for task 3 and an output for each other task", e, i, o)
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
	t.check(late(e.Task(0)), "a task that returns when its limit has passed: got error %v, want a TimeoutError", e)
	synctest.Wait() // wait for the task, because the job may end a moment before it
	want(t, "time from the start of the task to the deadline of its context", deadline, taskLimit)
	t.check(late(cause), "the cause of the task's context is %v, want a TimeoutError", cause)
	want(t, "counts of the executor", ex.Counts(), strategies.Counts{Submitted: 1, Failed: 1})
}

func endWithStrays(t *testCase, ex strategies.Executor) {
	workers := ex.Core().Workers
	begun := time.Now()
	_, _, err := mapNaps(background, ex, strategies.Options{Limit: time.Second}, slices.Repeat([]time.Duration{time.Hour}, workers)...)
	t.is("strays", err, context.DeadlineExceeded)
	synctest.Wait()
	// The executor accepts this map, but has no free worker until a stray returns.
	queued := mapping(background, ex, nap, []time.Duration{time.Second}, strategies.Options{})
	synctest.Wait()
	ctx, cancel := context.WithTimeout(background, time.Minute)
	defer cancel()
	stopping := async(func() error { return ex.Stop(ctx) })
	t.is("map that was queued when Stop was called", queued.wait(), strategies.ErrClosed)
	closed, stopped := ex.Close(), stopping.wait()
	for call, err := range map[string]error{"close": closed, "stop": stopped} {
		e, ok := errors.AsType[*strategies.StrayError](err)
		t.check(ok && e.Tasks == workers, "%s while strays run: got error %v, want a StrayError that counts all strays", call, err)
	}
	t.is("error of Stop whose context has ended", stopped, context.DeadlineExceeded)
	want(t, "time from the start of the strays to the end of Stop", time.Since(begun), time.Minute+time.Second)
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
	want(t, "output of a task that was accepted before Close", v, time.Second)
}

func limitNested(t *testCase, ex strategies.Executor) {
	outer := kernel(func(ctx context.Context, i int) (int, error) {
		_, _, err := mapNaps(ctx, ex, strategies.Options{Limit: time.Second}, 1)
		return i, err
	})
	_, err := outer.Map(background, ex, []int{1}, strategies.Options{})
	t.is("map whose task submits a job with a limit", err, strategies.ErrNested)
}
