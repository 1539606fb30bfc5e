package strategiestest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

var resumeRules = []rule{
	{"kernels without a resumable form", `If an executor runs only resumable forms, every function that submits tasks
refuses a kernel without such a form. The error names the kernel.`, needs{resumes}, notResumable},
	{"waits at once", `On one goroutine, 10,000 tasks can wait at the same time. The goroutine
calls their functions one after the other.`, needs{resumes}, waitsAtOnce},
	{"waits in a window", `In both orders, all tasks in the window of a stream can wait at the same time.`, needs{resumes}, waitsInWindow},
	{"resumed failures", `If a task panics or calls runtime.Goexit, in Begin or in a callback,
only this task fails. Its error is a CallbackError that names the resumable form. If a task ends
more than once, its first outcome counts. The executor then calls no further function of the task.`, needs{resumes}, resumedFailures},
}

// A resumed holds the arguments of a call of the Begin function of a kernel.
type resumed struct {
	strategies.Events
	i    int
	done func(int, error)
}

// resuming returns a kernel that only an event loop can run: the loop starts each task by a call of
// begin, but the plain function of the kernel, which other executors call, panics.
func resuming(begin func(r resumed)) strategies.Kernel[int, int] {
	return strategies.Kernel[int, int]{
		Name: "resuming",
		Func: func(context.Context, int) (int, error) {
			panic("the executor called the plain function of a kernel, want the resumable form")
		},
		Begin: func(_ context.Context, i int, ev strategies.Events, done func(int, error)) {
			begin(resumed{ev, i, done})
		},
	}
}

// far is a waiting time that never passes in a test, since it exceeds the time limit of a case.
const far = time.Hour

func notResumable(t *testCase) {
	ex := t.executor(1)
	k := strategies.Kernel[act, done]{Name: actKernel.Name, Func: actKernel.Func}
	for _, e := range entryPoints {
		err := e.submit(t, submission{ctx: background, ex: ex, kernel: k, acts: plain(3)})
		t.refused(t.strategy.Name, "kernel", err)
		if e, ok := errors.AsType[*strategies.OptionError](err); ok {
			want(t, "name of the kernel in the OptionError", e.Value, any(k.Name))
		}
	}
	t.healthy(ex, 1)
}

func waitsAtOnce(t *testCase) {
	const n = 10_000
	ex := t.executor(1)
	var begun, inside atomic.Int64
	alone := func(f func()) {
		t.check(inside.Add(1) == 1, "functions of two tasks run at the same time")
		f()
		inside.Add(-1)
	}
	k := resuming(func(r resumed) {
		alone(func() {
			begun.Add(1)
			r.After(far, func(error) { alone(func() { r.done(r.i, nil) }) })
		})
	})
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	before := runtime.NumGoroutine()
	m := mapping(ctx, ex, k, numbers(n), strategies.Options{})
	until(func() bool { return begun.Load() == n })
	more := runtime.NumGoroutine() - before
	t.check(more <= 4, "%d waiting tasks use %d goroutines, want at most 4", n, more)
	cancel() // ends the waits
	t.is("map whose tasks wait at the same time", m.wait(), nil)
	for i, v := range m.out {
		want(t, "output", v, i)
	}
}

func waitsInWindow(t *testCase) {
	const window, n = 8, 100
	ex := t.executor(1)
	for _, order := range orders {
		var mu sync.Mutex
		var waiting []func() // each function ends one task
		k := resuming(func(r resumed) {
			mu.Lock()
			defer mu.Unlock()
			waiting = append(waiting, func() { r.Post(func() { r.done(r.i, nil) }) })
		})
		var stop atomic.Bool
		ending := async(func() error { // whenever the window is full, ends the waiting tasks, the newest first
			for left := n; left > 0 && !stop.Load(); time.Sleep(pollTime) {
				mu.Lock()
				full := min(window, left)
				t.check(len(waiting) <= full, "%v order: %d tasks wait, want at most %d", order, len(waiting), full)
				if len(waiting) >= full {
					for _, end := range slices.Backward(waiting) {
						end()
					}
					left -= len(waiting)
					waiting = nil
				}
				mu.Unlock()
			}
			return nil
		})
		at := 0
		for v, err := range k.Stream(background, ex, upTo(n), strategies.Options{Order: order, Window: window}) {
			t.ok(err)
			if order == strategies.InputOrder {
				want(t, "task of a delivery in input order", v, at)
			}
			at++
		}
		stop.Store(true)
		t.ok(ending.wait())
		want(t, "deliveries", at, n)
	}
}

func resumedFailures(t *testCase) {
	ways := []struct {
		is    error // error of the task; nil if it succeeds
		named bool  // whether the error names the resumable form
		begin func(r resumed)
	}{
		{nil, false, func(r resumed) { r.After(0, func(error) { r.done(r.i, nil) }) }},
		{errAct, true, func(resumed) { panic(errAct) }},
		{strategies.ErrGoexit, true, func(resumed) { runtime.Goexit() }},
		{errAct, true, func(r resumed) { r.After(0, func(error) { panic(errAct) }) }},
		{strategies.ErrGoexit, true, func(r resumed) { r.Post(runtime.Goexit) }},
		{errAct, false, func(r resumed) {
			r.done(-1, errAct)
			r.done(r.i, nil)
			r.Post(func() { t.Errorf("the executor called a function of a task that had ended") })
			r.After(0, func(error) { t.Errorf("the executor ran a timer of a task that had ended") })
		}},
		{nil, false, func(r resumed) {
			r.done(r.i, nil)
			panic("too late")
		}},
		{nil, false, func(r resumed) { go r.done(r.i, nil) }},
		{errAct, true, func(r resumed) {
			r.After(0, func(error) { panic(errAct) })
			r.After(0, func(error) { t.Errorf("the executor ran a timer of a task that had failed") })
		}},
		{nil, false, func(r resumed) {
			r.done(r.i, nil)
			runtime.Goexit()
		}},
	}
	ex := t.executor(1)
	k := resuming(func(r resumed) { ways[r.i%len(ways)].begin(r) })
	for _, e := range allEntries {
		for i, o := range outcomes(t, ex, k, numbers(80), strategies.Options{Window: 7}, e) {
			way := ways[i%len(ways)]
			c, named := errors.AsType[*strategies.CallbackError](o.err)
			t.check(errors.Is(o.err, way.is) && (way.is != nil || o.value == i), "%s: task %d, which ends in way %d: got %s, want the output or the error of this way", e, i, i%len(ways), o)
			t.check(named == way.named && (!named || c.Callback == "resumable form"), "%s: task %d, which ends in way %d: want a CallbackError exactly if the resumable form fails, got error %v", e, i, i%len(ways), o.err)
		}
	}
	t.healthy(ex, 1)
}
