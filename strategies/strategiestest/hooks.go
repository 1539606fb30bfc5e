package strategiestest

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
)

var hookRules = []rule{
	{"hooks", `For each task, a job calls the Result hook or the Error hook once. The job makes
one call at a time, and ends after the last call. The hook receives the outcome, index, attempt and
worker of the task. The last call of the Progress hook counts all tasks.`, nil, hooks},
	{"hooks in order", `A job calls its hooks in the order in which its tasks complete.`, needs{balances, parallel}, hooksInOrder},
	{"hooks that fail", `If a hook panics or calls runtime.Goexit, this affects no task and no other call of a
hook. The error of the job contains a HookError.`, nil, hooksFail},
	{"hooks use the executor", `A hook may submit jobs or stop the executor.`, nil, hooksUse},
	{"hooks that stop a stream", `If a hook of a stream stops the executor, the stream ends, even if its workers end before its input.`, needs{pairs}, hooksStopStream},
	{"slow hooks", `A task occupies its place in the window of a stream until its hook has returned. If a
progress hook is slow, the job calls it less often.`, nil, slowHooks},
	{"hooks of cancelled tasks", `A job also calls the Error hook for tasks that never start. Such an event has attempt 0 and no worker.`, nil, hooksOfCancelled},
	{"cancel during a hook", `If a task has an output, it keeps the output while its hook runs.
This holds even if the task is cancelled, its context ends or the executor is stopped.`, nil, lateEnds},
}

// checkEvent reports a failure unless event e has the outcome that acts[e.Task] should have. fails
// is true if the Error hook received e, and false if the Result hook did. workers is the number of
// workers of the executor.
func (t *testCase) checkEvent(e strategies.Event, acts []act, workers int, fails bool) {
	d, _ := e.Output.(done)
	te, ok := errors.AsType[*strategies.TaskError](e.Err)
	t.check(fails == (acts[e.Task].Do != "") && fails == (e.Err != nil) && fails == (e.Output == nil),
		"event of task %d (deed %q): got %+v; want an error in the Error hook if the task fails, otherwise an output in the Result hook", e.Task, acts[e.Task].Do, e)
	t.check(fails || d.Index == e.Task, "event of task %d: got output %+v, want the output of this task", e.Task, d)
	t.check(!fails || ok && te.Task == e.Task, "event of task %d: got error %v, want a TaskError of this task", e.Task, e.Err)
	t.check(e.Attempt == 1 && e.Worker >= 0 && (e.Worker < workers || t.can().Unbounded) && (e.Process != nil) == t.can().Processes,
		"event of task %d: got %+v, want attempt 1, a worker of the executor, and a process if the strategy has worker processes", e.Task, e)
}

func hooks(t *testCase) {
	const workers = 2
	ex := t.executor(workers)
	acts := t.mixed(100)
	for entry, size := range cross(jobEntries, []int{1, 7}) {
		var inside atomic.Int32
		calls := make([]int, len(acts))
		hook := func(fails bool) func(strategies.Event) {
			return func(e strategies.Event) {
				t.check(inside.Add(1) == 1, "a job calls two hooks at the same time")
				defer inside.Add(-1)
				calls[e.Task]++
				t.checkEvent(e, acts, t.workers(workers), fails)
			}
		}
		var last strategies.Progress
		o := chunked(size)
		o.Hooks = &strategies.Hooks{
			Result: hook(false),
			Error:  hook(true),
			Progress: func(p strategies.Progress) {
				t.check(p.Done > last.Done && p.Failed >= last.Failed, "the progress hook received %+v after %+v, want increasing numbers", p, last)
				last = p
			},
		}
		errorsOf(background, ex, acts, o, entry)
		for i, n := range calls {
			t.check(n == 1, "%s: the job called the hooks of task %d %d times, want once", entry, i, n)
		}
		end := strategies.Progress{Done: int64(len(acts)), Failed: int64(failing(acts)), Total: -1}
		if entry == asMap {
			end.Total = int64(len(acts))
		}
		want(t, "last call of the Progress hook, in a job with a Result and an Error hook", last, end)

		o.Hooks = &strategies.Hooks{Progress: func(p strategies.Progress) { last = p }}
		last = strategies.Progress{}
		errorsOf(background, ex, acts, o, entry)
		want(t, "last call of the Progress hook, in a job without other hooks", last, end)
	}
}

func hooksInOrder(t *testCase) {
	ex := t.executor(2)
	for _, entry := range jobEntries {
		g := t.gate()
		const n = 30
		var order []int
		o := strategies.Options{Hooks: &strategies.Hooks{Result: func(e strategies.Event) {
			if order = append(order, e.Task); len(order) == n {
				g.open()
			}
		}}}
		t.ok(errors.Join(errorsOf(background, ex, slices.Concat(g.waiters(0, 1), g.markers(1, n)), o, entry)...))
		t.check(len(order) == n+1 && order[n] == 0,
			"%s: the job called its hooks for the tasks %v, want task 0 last, which waited at the gate", entry, order)
	}
}

func hooksFail(t *testCase) {
	ex := t.executor(2)
	acts := plain(100)
	acts[5].Do, acts[80].Do = doError, doError
	for _, entry := range jobEntries {
		for name, end := range map[string]func(){
			"panic": func() { panic(errAct) }, "Goexit": runtime.Goexit, "Goexit, panic": func() { defer panic(errAct); runtime.Goexit() },
		} {
			calls := 0
			var last strategies.Progress
			errs := errorsOf(background, ex, acts, strategies.Options{Hooks: &strategies.Hooks{
				Result: func(e strategies.Event) {
					if calls++; calls%10 == 3 {
						end()
					}
				},
				Error:    func(e strategies.Event) { calls++; end() },
				Progress: func(p strategies.Progress) { last = p },
			}}, entry)
			want(t, "calls of hooks that fail", calls, len(acts))
			want(t, "number of tasks in the last call of the Progress hook", last.Done, int64(len(acts)))
			failed, hook := 0, 0
			for _, err := range errs {
				if e, ok := errors.AsType[*strategies.TaskError](err); ok && acts[e.Task].Do == doError {
					failed++
					continue
				}
				hook++
				e, ok := errors.AsType[*strategies.HookError](err)
				t.check(ok && e.Count >= 10 && e.Count <= 12 && e.Hook != "progress" && (errors.Is(e, errAct) || errors.Is(e, strategies.ErrGoexit)),
					"%s whose hooks end by %s: got error %v, want a HookError with a Count from 10 to 12", entry, name, err)
			}
			want(t, "HookErrors in the error of the job", hook, 1)
			want(t, "tasks that failed", failed, 2)
		}
	}
	e := mapFails(t, ex, actKernel, plain(3), strategies.Options{Hooks: &strategies.Hooks{Progress: func(strategies.Progress) { panic("boom") }}})
	t.check(e.Hook != nil && e.Hook.Hook == "progress" && e.Failed == 0 && e.Task(1) == nil,
		"a map in which only the progress hook fails: got error %v, want a HookError of the progress hook only", e)
	boom := &strategies.Hooks{Result: func(strategies.Event) { panic("boom") }}
	e = t.failedJob(actKernel.Drain(background, ex, slices.Values(plain(3)), strategies.Options{FailFast: true, Hooks: boom}))
	t.check(e.Hook != nil && e.Hook.Count == 3 && e.Cause == nil && e.Succeeded == 3, "a drain in which only the Result hook fails: got error %v, want a HookError that counts 3 calls, and 3 successes", e)
	e = t.failedJob(actKernel.Drain(background, ex, func(yield func(act) bool) {
		yield(plainAct(0))
		panic("input")
	}, strategies.Options{Hooks: boom}))
	_, input := errors.AsType[*strategies.InputError](e.Cause)
	t.check(e.Hook != nil && input, "a drain in which a hook and the input fail: got error %v, want a HookError and an InputError", e)
	t.healthy(ex, 2)
}

func hooksUse(t *testCase) {
	for _, entry := range jobEntries {
		ex := t.executor(1)
		inner := 0
		o := strategies.Options{Window: 5, Hooks: &strategies.Hooks{Result: func(e strategies.Event) {
			if e.Task%10 == 0 {
				inner += len(t.allSucceed(ex, plain(3), strategies.Options{}, asMap))
			}
		}}}
		t.ok(errors.Join(errorsOf(background, ex, plain(50), o, entry)...))
		want(t, "tasks of the jobs that hooks submitted", inner, 15)

		g := t.gate()
		o.Hooks = &strategies.Hooks{Result: func(e strategies.Event) {
			if e.Task == 0 {
				t.ok(ex.Stop(background))
			}
		}}
		errs := errorsOf(background, ex, slices.Concat(g.markers(0, 1), g.waiters(1, 99)), o, entry)
		t.check(len(errs) > 0 && errors.Is(errs[len(errs)-1], strategies.ErrClosed),
			"%s whose hook stopped the executor: got errors %v, want ErrClosed last", entry, errs)
	}
}

func hooksStopStream(t *testCase) {
	for _, order := range turns(t, orders...) {
		ex := t.executor(1)
		pid := make(chan int, 1)
		hooks := &strategies.Hooks{Result: func(e strategies.Event) {
			pid <- e.Output.(done).PID
			t.ok(ex.Stop(background))
		}}
		listen := t.gate().acts(doListen, 1, 1)[0] // a task that ends only with the stop, so that the job does not end before
		input := func(yield func(act) bool) {
			_ = yield(act{}) && yield(listen)
			if worker := <-pid; worker != os.Getpid() {
				until(func() bool { return !runs(worker) })
			}
		}
		var last error
		for _, err := range stream(ex, input, strategies.Options{Order: order, Hooks: hooks}) {
			last = err
		}
		t.is("last error of a stream whose hook stopped the executor", last, strategies.ErrClosed)
	}
}

func slowHooks(t *testCase) {
	const n, w = 100, 5
	ex := t.executor(2)
	for _, order := range orders {
		for _, do := range []deed{"", doError} {
			var pulled, called atomic.Int64
			delivered := 0
			input := endless(t, &pulled, func(i int) act {
				p, h := pulled.Load(), called.Load()
				t.check(p <= h+1+w, "%v order, window %d: the stream pulled %d tasks when only %d hooks had returned, which exceeds the window", order, w, p, h)
				return act{Index: i, Do: do}
			})
			slow := func(strategies.Event) {
				runtime.Gosched()
				called.Add(1)
			}
			o := strategies.Options{Order: order, Window: w, Hooks: &strategies.Hooks{Result: slow, Error: slow}}
			for range stream(ex, input, o) {
				if delivered++; delivered == n {
					break
				}
			}
			want(t, "hooks that returned (want: tasks that the stream pulled)", called.Load(), pulled.Load())
		}
		// While a hook blocks, the stream stops pulling as soon as the window is full.
		held := make(chan struct{})
		var pulled atomic.Int64
		o := strategies.Options{Order: order, Window: w, Hooks: &strategies.Hooks{Result: func(strategies.Event) { <-held }}}
		for at := range t.first(stream(ex, endless(t, &pulled, plainAct), o), n) {
			if at == w {
				want(t, "tasks that a stream pulls while a hook blocks", pulled.Load(), w)
				close(held)
			}
		}
	}
	// A progress hook blocks until all n tasks have run. So the job calls it less often: at most
	// n/2 times.
	g := t.gate()
	calls := 0
	_, err := actKernel.Map(background, ex, g.markers(0, n), strategies.Options{Hooks: &strategies.Hooks{Progress: func(strategies.Progress) {
		calls++
		g.arrived(n)
	}}})
	t.ok(err)
	t.check(calls <= n/2, "a slow progress hook: the job called it %d times for %d tasks, want at most half as many calls as tasks", calls, n)
}

func hooksOfCancelled(t *testCase) {
	const workers, n = 2, 300
	for _, entry := range jobEntries {
		ex := t.executor(workers)
		g := t.gate()
		acts := slices.Concat([]act{{Do: doError}}, g.waiters(1, n-1)) // tasks that wait at the gate end when the job is cancelled
		var ran, never, other int
		count := func(e strategies.Event) {
			switch {
			case e.Attempt == 1 && e.Worker >= 0:
				ran++
			case e.Attempt == 0 && e.Worker == -1 && e.Err != nil:
				never++
			default:
				other++
			}
		}
		errs := errorsOf(background, ex, acts, strategies.Options{FailFast: true, Window: 20, Hooks: &strategies.Hooks{Result: count, Error: count}}, entry)
		calls := ran + never
		if entry == asMap { // the error of a map wraps the cause, and an error for each task that ran
			want(t, "calls of the Result and Error hooks", calls, n)
			calls = ran + 1
		}
		t.check(other == 0 && ran >= 1 && (ran <= 1+t.workers(workers) || t.can().Unbounded) && calls == len(errs),
			"%s: got %d events of tasks that ran, %d of tasks that never started and %d wrong events, and %d errors; want no wrong event, and an error for each task that ran", entry, ran, never, other, len(errs))
	}
}

func lateEnds(t *testCase) {
	ex := t.executor(2)
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	hooked, release := make(chan struct{}, 2), make(chan struct{})
	o := strategies.Options{Hooks: &strategies.Hooks{Result: func(strategies.Event) {
		hooked <- struct{}{}
		<-release
	}}}
	f := actKernel.Go(ctx, ex, plainAct(7), o)
	m := async(func() error {
		out, err := actKernel.Map(ctx, ex, []act{plainAct(8)}, o)
		t.check(len(out) == 1 && out[0].Index == 8, "a map that was stopped during its hook: got outputs %v, want only output 8", out)
		return err
	})
	<-hooked
	<-hooked
	f.Cancel()
	cancel()
	s := async(func() error { return ex.Stop(background) })
	for {
		if _, err := actKernel.Map(background, ex, nil, strategies.Options{}); err != nil {
			break
		}
		runtime.Gosched()
	}
	close(release)
	d, err := f.Wait(background)
	t.check(err == nil && d.Index == 7, "a future that was cancelled while the hook for its finished task ran: got output %v and error %v, want output 7 and no error", d, err)
	t.ok(m.wait())
	t.ok(s.wait())
}
