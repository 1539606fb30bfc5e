package strategiestest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// edgeRules are rules for jobs, futures and executors that have not begun, are busy or have ended.
var edgeRules = []rule{
	{"methods in every state", `Several goroutines may call every method of a future and of an executor in every state,
any number of times. The method returns a value or a typed error.`, needs{pairs}, handlesInEveryState},
	{"context that has ended", `If the context of a job has already ended, no task starts. The error of the job is the cause
of the context, even if the input is empty. A closed executor still returns ErrClosed.`, needs{pairs}, contextHasEnded},
	{"empty input while busy", `A job with an empty input ends at once, even if all workers are busy.`, needs{pairs}, emptyWhileBusy},
	{"stop reaches running tasks", `Stop ends the contexts of running tasks, including those of futures. For the error of
such a task, errors.Is(err, ErrClosed) is true, even if the task returns the error of its context.`, needs{pairs}, stopReaches},
	{"queued futures", `If a queued future is cancelled or its context ends, the future gets its
outcome at once, even while all workers are busy. Its task never runs.`, needs{bounded, pairs}, queuedFutures},
	{"strays at the end", `Close and Stop return a StrayError if a task still runs after its limit, even if it is the task of a future.`,
		needs{inside, limits}, straysAtTheEnd},
	{"cancelled futures behind a stray", `If a task exceeds its limit and all queued futures are cancelled, Close does not wait for this task.`, needs{inside, limits, bounded}, cancelledBehindStray},
}

// noContext is a nil context.
var noContext context.Context

// hooked returns options with a Result hook and an Error hook that do nothing. A test runs each job
// twice, with these options and without hooks, because jobs with and without hooks run by different
// code.
func hooked() strategies.Options {
	return strategies.Options{Hooks: &strategies.Hooks{Result: func(strategies.Event) {}, Error: func(strategies.Event) {}}}
}

// exercise calls every method of the futures and every function that waits for futures. It makes
// each call several times, on several goroutines at once.
func (t *testCase) exercise(futures []*strategies.Future[done]) {
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			for range 2 {
				for _, f := range futures {
					if i == 0 {
						f.Cancel()
					}
					f.Done()
					f.Wait(cancelled)
					f.Wait(noContext)
				}
				for _, ctx := range []context.Context{cancelled, noContext} {
					strategies.WaitAll(ctx, futures)
					strategies.WaitAny(ctx, futures)
					strategies.WaitFirstError(ctx, futures)
					for range strategies.AsCompleted(ctx, futures) {
					}
				}
			}
		})
	}
	wg.Wait()
}

func handlesInEveryState(t *testCase) {
	ex := t.executor(1)
	refused := []*strategies.Future[done]{
		actKernel.Go(noContext, ex, act{}, strategies.Options{}),
		actKernel.Go(background, nil, act{}, strategies.Options{}),
		strategies.Kernel[act, done]{}.Go(background, ex, act{}, strategies.Options{}),
		actKernel.Go(background, ex, act{}, strategies.Options{Window: 1}),
	}
	g := t.gate()
	running := startActs(ex, g.waiters(0, 1))
	g.arrived(1)
	all := slices.Concat(refused, running, startActs(ex, plain(2)), start(background, ex, actKernel, plain(2), hooked()))
	t.exercise(all)
	g.open()
	for _, f := range all[len(refused):] {
		f.Wait(background)
	}
	ended := startActs(ex, []act{{}, {Do: doError}})
	strategies.WaitAll(background, ended)
	var outcomes []outcome[done]
	for _, f := range ended {
		v, err := f.Wait(background)
		outcomes = append(outcomes, outcome[done]{v, err})
	}
	t.refused("", "ctx", ex.Stop(noContext))
	t.ok(ex.Close())
	for _, o := range []strategies.Options{{}, hooked(), {Limit: time.Hour}} {
		all = append(all, actKernel.Go(background, ex, act{}, o), actKernel.Go(cancelled, ex, act{}, o))
	}
	all = append(all, ended...)
	t.exercise(all)
	for _, f := range all {
		if _, err := f.Wait(noContext); err != nil {
			var option *strategies.OptionError
			var task *strategies.TaskError
			t.check(errors.As(err, &option) || errors.As(err, &task) || errors.Is(err, strategies.ErrClosed), "the error of a future is %v, want an OptionError, a TaskError or ErrClosed", err)
		}
	}
	for i, f := range ended {
		v, err := f.Wait(cancelled)
		want(t, "outcome of a resolved future after Cancel and Close", outcome[done]{v, err}, outcomes[i])
	}
	t.refused("", "ctx", ex.Stop(noContext))
	c := ex.Counts()
	want(t, "tasks with an outcome after Close", c.Succeeded+c.Failed+c.Cancelled, c.Submitted)
	t.ok(ex.Stop(cancelled))

	_, err := strategies.WaitAll(background, []*strategies.Future[done]{nil})
	t.refused("", "futures[0]", err)
	_, err = strategies.WaitAny(background, []*strategies.Future[done]{ended[0], nil})
	t.refused("", "futures[1]", err)
	t.refused("", "futures[0]", strategies.WaitFirstError(background, []*strategies.Future[done]{nil}))
}

func contextHasEnded(t *testCase) {
	const n = 20
	ctx, cancel := context.WithCancelCause(background)
	cancel(errAct)
	ex := t.executor(2)
	g := t.gate()
	for round := range turns(t, 0, 1, 2, 3, 4) {
		lo := 1000 * round
		for _, o := range []strategies.Options{{}, hooked()} {
			for _, entry := range jobEntries {
				_, err := submitted(t, ctx, ex, g.markers(lo, n), o, entry)
				t.is(string(entry), err, errAct)
			}
			for _, entry := range jobEntries {
				_, err := submitted(t, ctx, ex, nil, o, entry)
				t.is(string(entry)+" without tasks", err, errAct)
			}
			for _, acts := range [][]act{g.markers(lo, n), nil} {
				t.is("error of a drain whose context has ended", actKernel.Drain(ctx, ex, slices.Values(acts), o), errAct)
				for r := range actKernel.Results(ctx, ex, t.unpulled(acts), o) {
					t.check(r.Task == -1 && errors.Is(r.Err, errAct), "results of a stream whose context has ended: got %+v, want task -1 and the cause of the context", r)
				}
			}
			for i, f := range start(ctx, ex, actKernel, g.markers(lo, n), o) {
				_, err := f.Wait(background)
				t.is(fmt.Sprint("error of future ", i), err, errAct)
				e, ok := errors.AsType[*strategies.TaskError](err)
				t.check(ok && e.Attempt == 0, "error of future %d, which never started: got %v, want a TaskError with attempt 0", i, err)
			}
		}
	}
	if c := t.can(); !c.Processes && !c.Resumes { // strategies with these capabilities refuse plain functions
		for _, acts := range [][]act{g.markers(0, n), nil} {
			_, err := strategies.Map(ctx, ex, acts, actKernel.Func)
			t.is("error of the function Map with a context that has ended", err, errAct)
			for _, err := range strategies.Stream(ctx, ex, t.unpulled(acts), actKernel.Func) {
				t.is("error of the function Stream with a context that has ended", err, errAct)
			}
		}
		_, err := strategies.Go(ctx, ex, act{}, actKernel.Func).Wait(background)
		t.is("error of the function Go with a context that has ended", err, errAct)
	}
	want(t, "tasks that ran although their context had ended", g.count(), 0)
	c := ex.Counts()
	want(t, "tasks that count as cancelled", c.Cancelled, c.Submitted)
	t.healthy(ex, 2)
	t.ok(ex.Close())
	for _, e := range entryPoints {
		want(t, "error of "+e.name+" on a closed executor", e.submit(t, submission{ctx: ctx, ex: ex, kernel: actKernel, acts: plain(3)}), strategies.ErrClosed)
	}
}

// submitted submits acts with a context that has ended, through entry e: as a map or a stream. It
// returns the error of the job. It reports a failure unless no task starts and, for a stream, the
// error is the only element. n is the number of elements of the stream, or 0 for a map.
func submitted(t *testCase, ctx context.Context, ex strategies.Executor, acts []act, o strategies.Options, e entry) (n int, err error) {
	o = e.options(o)
	if e == asMap {
		_, err = actKernel.Map(ctx, ex, acts, o)
		want(t, "tasks of a map that never started", t.failedJob(err).Skipped, len(acts))
		return 0, err
	}
	for _, err = range actKernel.Stream(ctx, ex, t.unpulled(acts), o) {
		n++
	}
	want(t, "elements of a stream whose context has ended", n, 1)
	return n, err
}

func emptyWhileBusy(t *testCase) {
	const workers = 2
	ex := t.executor(workers)
	for _, busy := range []bool{false, true} {
		g := t.gate()
		if busy {
			startActs(ex, g.waiters(0, t.workers(workers)))
			g.arrived(t.workers(workers))
		}
		for _, o := range []strategies.Options{{}, hooked()} {
			for _, e := range jobEntries {
				t.ok(errors.Join(errorsOf(background, ex, nil, o, e)...))
			}
			t.ok(actKernel.Drain(background, ex, slices.Values([]act(nil)), o))
		}
		g.open()
	}
}

func stopReaches(t *testCase) {
	const workers = 2
	for _, do := range turns(t, doWait, doListen) {
		for _, o := range []strategies.Options{{}, hooked()} {
			ex := t.executor(workers)
			g := t.gate()
			fs := start(background, ex, actKernel, g.acts(do, 0, 4), o)
			g.arrived(t.workers(workers))
			t.ok(ex.Stop(background))
			for i, f := range fs {
				_, err := f.Wait(background)
				t.is(fmt.Sprintf("error after Stop of future %d, whose task should %s", i, do), err, strategies.ErrClosed)
			}
		}
		for _, entry := range jobEntries {
			ex := t.executor(workers)
			g := t.gate()
			n := t.workers(workers) // as many tasks as workers, so that no task is queued
			job := async(func() error {
				return errors.Join(errorsOf(background, ex, g.acts(do, 0, n), strategies.Options{Window: 4}, entry)...)
			})
			g.arrived(n)
			t.ok(ex.Stop(background))
			t.is(fmt.Sprintf("error after Stop of a %s whose tasks should %s", entry, do), job.wait(), strategies.ErrClosed)
		}
	}
}

func queuedFutures(t *testCase) {
	const workers, n = 2, 40
	for round, o := range turns(t, strategies.Options{}, strategies.Options{}, hooked()) {
		ex := t.executor(workers)
		inHand := round == 0 && t.can().Balances // workers may have taken some of the futures already
		busy := t.workers(workers)
		first, second := t.gate(), t.gate()
		held := startActs(ex, first.waiters(0, busy))
		first.arrived(busy)
		ctx, cancel := context.WithCancelCause(background)
		var queued []*strategies.Future[done]
		for i := range busy { // a worker may take several futures at a time
			held = append(held, startActs(ex, second.waiters(i, 1))...)
			queued = append(queued, start(ctx, ex, actKernel, second.markers(100+n*i, n), o)...)
		}
		if inHand {
			first.open()
			second.arrived(busy)
		}
		queued[1].Cancel()
		_, err := queued[1].Wait(background)
		started := !errors.Is(err, strategies.ErrCancelled)
		t.check(!started || err == nil && inHand, "a queued future that was cancelled: got error %v, want ErrCancelled", err)
		cancel(errAct)
		ran := 0
		for i, f := range queued {
			if _, err := f.Wait(background); err == nil {
				ran++
			} else if i != 1 {
				t.is("error of a queued future whose context ended", err, errAct)
			}
		}
		t.check(ran == 0 || inHand, "the tasks of %d queued futures ran while all workers were busy, want none", ran)
		first.open()
		second.open()
		_, err = strategies.WaitAll(background, held)
		t.ok(err)
		want(t, "tasks that ran after the futures were cancelled", second.count(), busy+ran)
	}
}

func straysAtTheEnd(t *testCase) {
	for name, end := range map[string]func(ex strategies.Executor) error{
		"close": strategies.Executor.Close,
		"stop":  func(ex strategies.Executor) error { return ex.Stop(cancelled) },
	} {
		ex, err := t.newExecutor(1)
		t.ok(err)
		release := make(chan struct{})
		k := kernel(func(context.Context, int) (int, error) { <-release; return 0, nil })
		_, err = k.Go(background, ex, 0, strategies.Options{Limit: time.Millisecond}).Wait(background)
		_, late := errors.AsType[*strategies.TimeoutError](err)
		t.check(late, "future whose task exceeds its limit: got error %v, want a TimeoutError", err)
		var queued *strategies.Future[int]
		if name == "stop" && !t.can().Unbounded {
			queued = k.Go(background, ex, 0, strategies.Options{})
		}
		err = end(ex)
		stray, ok := errors.AsType[*strategies.StrayError](err)
		t.check(ok && stray.Tasks == 1, "%s while a task runs after its limit: got error %v, want a StrayError for one task", name, err)
		if queued != nil {
			_, err := queued.Wait(background)
			t.is("error of a future whose task was queued while another task exceeded its limit", err, strategies.ErrClosed)
			_, ok := errors.AsType[*strategies.StrayError](ex.Close())
			t.check(ok, "after Stop, Close returned no StrayError, although a task still runs after its limit")
		}
		close(release)
		t.ok(ex.Stop(background))
	}
}

func cancelledBehindStray(t *testCase) {
	for _, early := range []bool{true, false} { // cancels the futures before Close, or while Close waits
		ex, err := t.newExecutor(1)
		t.ok(err)
		release := make(chan struct{})
		k := kernel(func(context.Context, int) (int, error) { <-release; return 0, nil })
		_, err = k.Go(background, ex, 0, strategies.Options{Limit: time.Millisecond}).Wait(background)
		_, late := errors.AsType[*strategies.TimeoutError](err)
		t.check(late, "future whose task exceeds its limit: got error %v, want a TimeoutError", err)
		ctx, cancel := context.WithCancel(background)
		queued := slices.Concat(start(background, ex, k, numbers(3), strategies.Options{}), start(ctx, ex, k, numbers(3), strategies.Options{}))
		end := func() {
			for _, f := range queued[:3] {
				f.Cancel()
			}
			cancel()
		}
		if early {
			end()
		}
		closing := async(ex.Close)
		if !early {
			until(func() bool {
				_, err := k.Map(background, ex, nil, strategies.Options{})
				return errors.Is(err, strategies.ErrClosed)
			})
			end()
		}
		_, stray := errors.AsType[*strategies.StrayError](closing.wait())
		t.check(stray, "Close returned no StrayError, although a task still runs after its limit")
		for _, f := range queued {
			_, err := f.Wait(background)
			t.check(err != nil, "a cancelled future has an output, want an error")
		}
		close(release)
		t.ok(ex.Stop(background))
	}
}
