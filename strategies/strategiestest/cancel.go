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
	{"fail fast", `With FailFast, the first failure cancels the job, and no queued task starts.`, nil, failFast},
	{"fail fast in this process", `With FailFast, the first failure ends the context of running siblings, and no
task starts afterwards.`, needs{inside, bounded}, failFastInside},
	{"cancel", `When the context of a job ends, tasks that have not started never run. Tasks that have run
keep their outcomes.`, needs{bounded, pairs}, cancelMap},
	{"cancel what is queued", `A job ends at once when its context ends, even if its tasks are queued behind
tasks of other jobs.`, needs{bounded, pairs}, cancelQueued},
	{"cancel by a task", `After a task has ended the context of its job and failed, no task starts.`, needs{inside, bounded}, cancelByTask},
	{"causes of any type", `The cause of the end of a context may be any error, even one that cannot be compared.`, needs{inside}, causesOfAnyType},
	{"tasks that block for ever", `A task that blocks until its context ends does not outlive its job.`, needs{inside}, blockedTasks},
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

// cancelled reports whether the last job that was started on w was cancelled.
func (w *witness) cancelled() bool {
	j := w.job.Load()
	return j != nil && (*j).Cancelled() != nil
}

// deafKernel performs acts that ignore the end of their context, like acts in a worker process.
var deafKernel = actsBy(func(ctx context.Context, a act) (done, error) {
	return perform(context.WithoutCancel(ctx), a)
})

func failFast(t *testCase) {
	const workers, bad, held = 2, 5, 50
	n := 3000 // more tasks than a window holds
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
	// The executor may kill the process of a running task before or after the task has made its
	// mark.
	most := 0
	if t.can().Processes {
		most = workers
	}
	for _, size := range []int{1, 100} {
		w, g, acts := begin()
		o := chunked(size)
		o.FailFast = true
		e := mapFails(t, w, deafKernel, acts, o)
		t.is("cause", e.Cause, e.Task(bad))
		cut := e.Failed - 1
		within(t, "running tasks that failed", cut, 0, most)
		within(t, "tasks that ran, failed or never started", g.count()+1+e.Skipped, n-cut, n)
		t.check(e.Skipped > 0, "all %d tasks ran", n)
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
		within(t, "tasks that ran", g.count(), values, values+most)
		want(t, "failures of the task that fails", failed, 1)
		t.check(all < n, "%v order: the whole input was pulled", order)
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
	t.is("task 0", e.Task(0), errAct)
	for _, order := range orders {
		started.Store(0)
		all = make(chan struct{})
		for _, err := range k.Stream(background, ex, upTo(1000), strategies.Options{FailFast: true, Order: order}) {
			t.is("delivery", err, errAct)
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
		t.is("cause", e.Cause, errAct)
		values := 0
		for i, d := range m.out {
			if e.Task(i) == nil {
				values++
				want(t, "output", d.Index, i)
			}
		}
		ran := g.count()
		if t.can().Processes { // a worker may start tasks that were sent to it, and its running task may be lost
			t.check(values <= ran && ran < n, "%d tasks ran, and %d have outputs", ran, values)
			continue
		}
		want(t, "outputs of the tasks that ran", values, ran)
		want(t, "tasks that ran in the end", ran, started)
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
		until(func() bool { return ex.Counts().Submitted-submitted > int64(10*workers+10) }) // the sum includes a task of the stream
		cancel(errAct)
		t.is("map", m.wait(), errAct)
		t.ok(s.wait())
		t.check(len(errs) > 0, "the stream delivered nothing")
		for _, err := range errs {
			t.is("delivery", err, errAct)
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

// A list is an error type that is a slice, so its values cannot be compared.
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
			t.check(ok, "%s with a context that ends with a list: %v", e, err)
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
		t.check(len(errs) > 0 && errors.Is(errs[len(errs)-1], errAct), "%s of tasks that block ended with %v", entry, errs)
		_, err := actKernel.Go(ctx, ex, act{}, strategies.Options{}).Wait(background)
		t.is("future whose context has ended", err, errAct)
	}
	t.healthy(ex, workers)
}
