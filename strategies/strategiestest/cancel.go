package strategiestest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/work"
)

var cancelRules = []rule{
	{"fail fast", `With FailFast, the first failure of a task cancels the job, and no queued task starts.`, nil, failFast},
	{"fail fast in this process", `With FailFast, the first failure of a task ends the contexts of the running
tasks of the job. No task of the job starts afterwards.`, needs{inside, bounded}, failFastInside},
	{"cancel", `When the context of a job ends, tasks that have not started never run. Tasks that have
already run keep their outcomes.`, needs{bounded, pairs}, cancelMap},
	{"cancel a queued job", `A job ends as soon as its context ends, even if its tasks are queued behind tasks of
other jobs.`, needs{bounded, pairs}, cancelQueued},
	{"cancel by a task", `If a task cancels the context of its job and then fails, no further task of the job starts.`, needs{inside, bounded}, cancelByTask},
	{"causes of any type", `The cause of a context may be an error of any type, even of a type whose values cannot be compared.`, needs{inside}, causesOfAnyType},
	{"tasks that block until the end", `When the context of a job ends, the contexts of its tasks
end too. So the job ends even if all its tasks block until then.`, needs{inside}, blockedTasks},
}

// A witness is an executor that records the last job that was started on it.
type witness struct {
	strategies.Executor
	job atomic.Pointer[work.Job]
}

func (w *witness) Start(ctx context.Context, j work.Job) (work.Lease, error) {
	w.job.Store(&j)
	return w.Executor.Start(ctx, j)
}

// cancelled reports whether the last job that started on w was cancelled.
func (w *witness) cancelled() bool {
	j := w.job.Load()
	return j != nil && (*j).Cancelled() != nil
}

// deafKernel performs acts in this process without regard to the end of their context. In a worker
// process, tasks do not notice the end of the context of their job either.
var deafKernel = actsBy(func(ctx context.Context, a act) (done, error) {
	return perform(context.WithoutCancel(ctx), a)
})

func failFast(t *testCase) {
	const workers, bad, held = 2, 5, 50
	n := 3000 // more than a window holds, so that some tasks are never pulled
	if t.can().Unbounded {
		n = 200_000 // so many tasks that the failure comes before the last task starts
	}
	ex := t.executor(workers)
	begin := func() (*witness, *gate, []act) {
		w, g := &witness{Executor: ex}, t.gate()
		acts := slices.Concat(g.markers(0, held), g.waiters(held, n-held))
		acts[bad].Do = doError
		go func() {
			until(w.cancelled)
			g.open()
		}()
		return w, g, acts
	}
	// The executor may kill a worker process while a task runs, before or after the task has marked
	// its arrival.
	most := 0
	if t.can().Processes {
		most = workers
	}
	for _, size := range []int{1, 100} {
		w, g, acts := begin()
		o := chunked(size)
		o.FailFast = true
		e := mapFails(t, w, deafKernel, acts, o)
		t.is("cause of a job with FailFast", e.Cause, e.Task(bad))
		cut := e.Failed - 1
		within(t, "running tasks that failed because the job was cancelled", cut, 0, most)
		within(t, "sum of the tasks that ran, failed or never started", g.count()+1+e.Skipped, n-cut, n)
		t.check(e.Skipped > 0, "all %d tasks ran, want some that never started", n)
	}
	for _, order := range orders {
		w, g, acts := begin()
		all, values, failed := 0, 0, 0
		for _, err := range deafKernel.Stream(background, w, slices.Values(acts), strategies.Options{Order: order, FailFast: true}) {
			all++
			if err == nil {
				values++
			} else if e, ok := errors.AsType[*strategies.TaskError](err); ok && e.Task == bad {
				failed++
			}
		}
		within(t, "tasks of a stream that ran", g.count(), values, values+most)
		want(t, "deliveries of the failure that cancels the stream", failed, 1)
		t.check(all < n, "%v order: after a failure with FailFast, the stream pulled the rest of its input, want it to stop", order)
	}
	t.healthy(ex, workers)
}

func failFastInside(t *testCase) {
	workers := t.workers(3)
	ex := t.executor(workers)
	var started atomic.Int32
	all := make(chan struct{})
	k := kernel(func(ctx context.Context, i int) (int, error) {
		if int(started.Add(1)) == workers {
			close(all)
		}
		strategies.Blocking(ctx, func() { <-all })
		if i == 0 {
			return 0, errAct
		}
		untilDone(ctx)
		return 0, context.Cause(ctx)
	})
	e := mapFails(t, ex, k, numbers(1000), strategies.Options{FailFast: true})
	want(t, "tasks that started in a map", int(started.Load()), workers)
	t.is("error of the task that cancels the map", e.Task(0), errAct)
	for _, order := range orders {
		started.Store(0)
		all = make(chan struct{})
		for _, err := range k.Stream(background, ex, upTo(1000), strategies.Options{FailFast: true, Order: order}) {
			t.is("error in a delivery of a stream that was cancelled", err, errAct)
		}
		want(t, "tasks that started in a stream", int(started.Load()), workers)
	}
}

func cancelMap(t *testCase) {
	workers := t.workers(2)
	ex := &witness{Executor: t.executor(workers)}
	const n = 1000
	for _, size := range []int{1, 10} {
		g := t.gate()
		ctx, cancel := context.WithCancelCause(background)
		m := mapping(ctx, ex, deafKernel, g.waiters(0, n), chunked(size))
		g.arrived(workers)
		started := g.count()
		cancel(errAct)
		until(ex.cancelled)
		g.open()
		e := t.failedJob(m.wait())
		t.is("cause of a map whose context ended", e.Cause, errAct)
		values := 0
		for i, d := range m.out {
			if e.Task(i) == nil {
				values++
				want(t, "index in the output of a task", d.Index, i)
			}
		}
		ran := g.count()
		if t.can().Processes { // a worker process may start tasks that it has already received, and may lose its running task
			t.check(values <= ran && ran < n, "a cancelled map: %d tasks ran and %d have outputs; want at most as many outputs as tasks that ran, and some tasks that never ran", ran, values)
			continue
		}
		want(t, "tasks that ran and have an output", values, ran)
		want(t, "tasks that ran, compared with the tasks that had started before the context ended", ran, started)
	}
	t.healthy(ex, workers)
}

func cancelQueued(t *testCase) {
	workers := t.workers(2)
	ex := t.executor(workers)
	for _, e := range turns(t, inOrder, asCompleted) {
		g := t.gate()
		submitted := ex.Counts().Submitted
		before := mapping(background, ex, actKernel, g.waiters(0, 10*workers), strategies.Options{})
		g.arrived(workers)
		ctx, cancel := context.WithCancelCause(background)
		m := mapping(ctx, ex, actKernel, g.markers(1000, 10), strategies.Options{})
		var errs []error
		s := async(func() error {
			errs = errorsOf(ctx, ex, g.markers(2000, 11), strategies.Options{Window: 5}, e)
			return nil
		})
		until(func() bool { return ex.Counts().Submitted-submitted > int64(10*workers+10) }) // from this number on, the stream has submitted a task too
		cancel(errAct)
		t.is("queued map whose context ended", m.wait(), errAct)
		t.ok(s.wait())
		t.check(len(errs) > 0, "the context of a queued stream ended, but the stream delivered no error; want the cause of the context")
		for _, err := range errs {
			t.is("error in a delivery of the queued stream", err, errAct)
		}
		want(t, "tasks that ran", g.count(), workers)
		g.open()
		t.ok(before.wait())
	}
}

func cancelByTask(t *testCase) {
	const last = 3
	ex := t.executor(1)
	for _, o := range []strategies.Options{{}, hooked(), chunked(50)} {
		for _, e := range jobEntries {
			ctx, cancel := context.WithCancelCause(background)
			started := 0
			k := kernel(func(_ context.Context, i int) (int, error) {
				if started++; started <= last {
					return i, nil
				}
				cancel(errAct)
				return 0, errors.New("later")
			})
			var err error
			if e == asMap {
				_, err = k.Map(ctx, ex, numbers(1000), o)
			} else {
				for _, err = range k.Stream(ctx, ex, upTo(1000), e.options(o)) {
				}
			}
			t.is(string(e), err, errAct)
			want(t, "tasks that started in a "+string(e), started, last+1)
		}
	}
}

// A list is an error type whose values cannot be compared, because it is a slice.
type list []string

func (l list) Error() string { return strings.Join(l, ", ") }

func causesOfAnyType(t *testCase) {
	ex := t.executor(2)
	for _, e := range allEntries {
		ctx, cancel := context.WithCancelCause(background)
		k := kernel(func(ctx context.Context, _ int) (int, error) {
			cancel(list{"a", "b"})
			<-ctx.Done()
			return 0, context.Cause(ctx)
		})
		for range 2 { // in the second round the context has ended already
			var err error
			switch e {
			case asMap:
				_, err = k.Map(ctx, ex, numbers(3), strategies.Options{})
			case asFutures:
				_, err = k.Go(ctx, ex, 0, strategies.Options{}).Wait(background)
			default:
				for _, err = range k.Stream(ctx, ex, upTo(3), e.options(strategies.Options{})) {
				}
			}
			_, ok := errors.AsType[list](err)
			t.check(ok, "%s with a context whose cause is an error of an incomparable type (a slice): got error %v, want the cause", e, err)
		}
	}
	t.healthy(ex, 2)
}

func blockedTasks(t *testCase) {
	workers := t.workers(2)
	ex := t.executor(workers)
	for _, entry := range jobEntries {
		g := t.gate()
		ctx, cancel := context.WithCancelCause(background)
		go func() {
			g.arrived(1)
			cancel(errAct)
		}()
		errs := errorsOf(ctx, ex, g.waiters(0, 50), strategies.Options{Window: 4}, entry)
		t.check(len(errs) > 0 && errors.Is(errs[len(errs)-1], errAct), "%s of tasks that block until their contexts end: got errors %v, want the cause of the context as the last", entry, errs)
		_, err := actKernel.Go(ctx, ex, act{}, strategies.Options{}).Wait(background)
		t.is("error of a future whose context has ended", err, errAct)
	}
	t.healthy(ex, workers)
}
