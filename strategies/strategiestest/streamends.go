package strategiestest

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
)

var streamEndRules = []rule{
	{"input that panics", `A stream whose input panics delivers the outcomes of all earlier tasks and then an
InputError. The executor is usable at once.`, nil, inputPanics},
	{"input that yields an error", `A stream whose input yields an error delivers the outcomes of all earlier
tasks and then an InputError that wraps it. The executor is usable at once.`, nil, inputFails},
	{"input that goes on", `A stream whose input continues after yield has returned false still ends with an error.`, nil, inputGoesOn},
	{"input that watches its context", `If an input ends because the context of its job has ended, a stream still ends
with the cause.`, nil, inputWatches},
	{"drain", `Drain reports how many tasks succeeded and failed, the first failures, and why it ended
before its input did.`, nil, drain},
	{"stop while an input waits", `If the context of Stop has ended, Stop returns although the input of a stream waits.`, nil, inputWaits},
	{"stop while a consumer pauses", `Stop returns although the consumer of a stream pauses. The stream then ends with
ErrClosed.`, nil, consumerPauses},
	{"consumer that stops", `A consumer that stops early stops the producer and cancels the tasks that have not
started. It leaves nothing behind and does not affect other jobs.`, nil, consumerStops},
	{"consumer that stops ends contexts", `A consumer that stops early ends the context of running tasks.`, needs{inside}, consumerEndsContexts},
	{"never read", `A stream does nothing before a consumer ranges over it. A consumer that stops at once
leaves nothing behind.`, nil, neverRead},
}

// brokenAfter holds numbers of tasks after which an input fails: none, less than a window, and more
// than several windows.
var brokenAfter = []int{0, 1, 5, 300}

// broken runs a stream over input, which fails after n acts. It reports a failure unless the stream
// delivers the outputs of these acts and then one InputError. broken returns this InputError.
func (t *testCase) broken(ex strategies.Executor, what string, input iter.Seq[act], n int, order strategies.Order) *strategies.InputError {
	t.Helper()
	values := 0
	var last error
	for d, err := range stream(ex, input, strategies.Options{Order: order, Window: 64}) {
		t.check(last == nil, "%s: the error is not the last: %s follows", what, outcome[done]{d, err})
		if last = err; err == nil {
			values++
		}
	}
	want(t, "values", values, n)
	e, ok := errors.AsType[*strategies.InputError](last)
	if !ok || e.Task != n {
		t.Fatalf("%s after %d tasks: the last error is %v", what, n, last)
	}
	return e
}

func inputPanics(t *testCase) {
	ex := t.executor(2)
	ways := map[string]func(){
		"an error":        func() { panic(errAct) },
		"nil":             func() { panic(nil) },
		"a runtime error": func() { nilMap()[0] = 1 },
		"Goexit":          runtime.Goexit,
		"Goexit, panic":   func() { defer panic("boom"); runtime.Goexit() },
		"panic, Goexit":   func() { defer runtime.Goexit(); panic("boom") },
	}
	for name, end := range ways {
		for order, n := range cross(orders, brokenAfter) {
			t.broken(ex, "input that ends by "+name, func(yield func(act) bool) {
				slices.Values(plain(n))(yield)
				end()
			}, n, order)
		}
		t.healthy(ex, 2)
	}
}

// failingInput yields acts, then an error, and then one more act.
func failingInput(acts []act, err error) iter.Seq[act] {
	return strategies.Fallible(func(yield func(act, error) bool) {
		for _, a := range acts {
			if !yield(a, nil) {
				return
			}
		}
		if yield(act{Index: -1, Do: doError}, err) {
			yield(act{Index: -2, Do: doError}, nil)
		}
	})
}

func inputFails(t *testCase) {
	ex := t.executor(2)
	for _, n := range brokenAfter {
		for _, order := range orders {
			e := t.broken(ex, "input that fails", failingInput(plain(n), errAct), n, order)
			want(t, "error of the input", e.Err, errAct)
		}
		err := actKernel.Drain(background, ex, failingInput(plain(n), errAct), strategies.Options{})
		e := t.failedJob(err)
		ie, ok := errors.AsType[*strategies.InputError](e.Cause)
		t.check(ok && ie.Task == n && errors.Is(err, errAct) && e.Succeeded == n,
			"draining an input that fails after %d tasks: %v", n, err)
	}
	t.healthy(ex, 2)
}

func inputWaits(t *testCase) {
	for _, order := range orders {
		ex := t.executor(2)
		waiting, release := make(chan struct{}), make(chan struct{})
		s := async(func() (last error) {
			for _, last = range stream(ex, func(yield func(act) bool) {
				yield(act{})
				close(waiting)
				<-release
			}, strategies.Options{Order: order}) {
			}
			return last
		})
		<-waiting
		t.is("stop while an input waits", ex.Stop(cancelled), context.Canceled)
		close(release)
		t.is("stream", s.wait(), strategies.ErrClosed)
		t.ok(ex.Stop(background))
	}
}

func consumerPauses(t *testCase) {
	for _, order := range orders {
		ex := t.executor(2)
		next, stop := iter.Pull2(stream(ex, endless(t, new(atomic.Int64), plainAct), strategies.Options{Order: order, Window: 3}))
		_, last, more := next()
		t.check(more && last == nil, "the first outcome: %v, %v", more, last)
		t.ok(ex.Stop(background))
		for {
			_, err, more := next()
			if !more {
				break
			}
			last = err
		}
		t.is("stream", last, strategies.ErrClosed)
		stop()
	}
}

func inputGoesOn(t *testCase) {
	const inputs = 100_000
	ex := t.executor(2)
	for _, order := range orders {
		ctx, cancel := context.WithCancelCause(background)
		defer cancel(nil)
		deaf := func(yield func(act) bool) {
			for i := range inputs {
				yield(plainAct(i))
			}
		}
		n := 0
		var last error
		for _, err := range actKernel.Stream(ctx, ex, deaf, strategies.Options{Order: order, Window: 4}) {
			if n++; n == 50 {
				cancel(errAct)
			}
			last = err
		}
		t.check(n < inputs && last != nil, "%d outcomes although the stream was cancelled after 50; the last error is %v", n, last)
	}
	t.healthy(ex, 2)
}

func inputWatches(t *testCase) {
	ex := t.executor(2)
	for range 20 {
		for _, order := range orders {
			ctx, cancel := context.WithCancelCause(background)
			input := func(yield func(act) bool) {
				yield(act{})
				cancel(errAct)
			}
			var last error
			for _, err := range actKernel.Stream(ctx, ex, input, strategies.Options{Order: order}) {
				last = err
			}
			want(t, "end of a stream whose input saw the end of its context", last, errAct)
			err := actKernel.Drain(ctx, ex, input, strategies.Options{})
			t.is("drain whose context has ended", err, errAct)
		}
	}
}

func drain(t *testCase) {
	ex := t.executor(2)
	t.ok(actKernel.Drain(background, ex, slices.Values(plain(0)), strategies.Options{}))

	acts := t.mixed(100)
	e := t.failedJob(actKernel.Drain(background, ex, slices.Values(acts), strategies.Options{Window: 10}))
	want(t, "tasks that failed", e.Failed, failing(acts))
	want(t, "tasks that succeeded", e.Succeeded, len(acts)-e.Failed)
	want(t, "cause", e.Cause, nil)
	before := -1
	for e := range e.Failures() {
		t.check(acts[e.Task].Do != "", "%v, which should not fail", e)
		t.check(e.Task > before, "task %d comes after task %d", e.Task, before)
		before = e.Task
	}

	acts = plain(20_000)
	acts[5].Do = doError
	e = t.failedJob(actKernel.Drain(background, ex, slices.Values(acts), strategies.Options{FailFast: true}))
	first := slices.Collect(e.Failures())
	t.check(e.Failed == 1 && first[0].Task == 5 && errors.Is(e.Cause, first[0]), "draining to the first failure: %v", e)

	ctx, cancel := context.WithCancelCause(background)
	var pulled atomic.Int64
	input := endless(t, &pulled, func(i int) act {
		if i == 500 {
			cancel(errAct)
		}
		return plainAct(i)
	})
	e = t.failedJob(actKernel.Drain(ctx, ex, input, strategies.Options{Window: 16}))
	t.is("cause", e.Cause, errAct)
	want(t, "outcomes of the tasks pulled", e.Failed+e.Succeeded+e.Skipped, int(pulled.Load()))
}

func consumerStops(t *testCase) {
	const w = 64
	ex := t.executor(2)
	var stop atomic.Bool
	other := async(func() error { // runs jobs on the same executor
		for !stop.Load() {
			if _, err := actKernel.Map(background, ex, plain(50), strategies.Options{}); err != nil {
				return err
			}
		}
		return nil
	})
	ways := map[string]func() bool{
		"break":  func() bool { return false },
		"panic":  func() bool { panic(errAct) },
		"Goexit": func() bool { runtime.Goexit(); return false },
	}
	for name, leave := range ways {
		for order, after := range cross(orders, []int{1, 2, 300}) {
			var pulled, n atomic.Int64
			recovered := make(chan any)
			go func() {
				defer func() { recovered <- recover() }()
				stream(ex, endless(t, &pulled, plainAct), strategies.Options{Order: order, Window: w})(func(done, error) bool {
					return int(n.Add(1)) < after || leave()
				})
			}()
			p := <-recovered
			t.check((p == errAct) == (name == "panic"), "consumer that ends by %s: recovered %v", name, p)
			want(t, "deliveries", n.Load(), int64(after))
			within(t, "tasks pulled for a consumer that ends by "+name, int(pulled.Load()), after, after+w)
		}
	}
	stop.Store(true)
	t.is("another job", other.wait(), nil)
	t.healthy(ex, 2)
}

func consumerEndsContexts(t *testCase) {
	const workers = 3
	ex := t.executor(workers)
	var running atomic.Int64
	k := kernel(func(ctx context.Context, i int) (int, error) {
		running.Add(1)
		defer running.Add(-1)
		if i > 0 {
			untilDone(ctx)
		}
		return i, nil
	})
	for _, order := range orders {
		for range k.Stream(background, ex, unending, strategies.Options{Order: order}) {
			until(func() bool { return running.Load() > 0 })
			break
		}
		want(t, "running tasks", running.Load(), 0)
	}
}

func neverRead(t *testCase) {
	const w = 8
	ex := t.executor(2)
	for _, order := range orders {
		var pulled atomic.Int64
		s := stream(ex, endless(t, &pulled, plainAct), strategies.Options{Order: order, Window: w})
		want(t, "tasks pulled by a stream without a consumer", pulled.Load(), 0)
		for range 20 {
			for range s {
				break
			}
		}
		within(t, "tasks pulled by 20 streams whose consumers stop after the first outcome", int(pulled.Load()), 0, 20*(w+1))
	}
	t.healthy(ex, 2)
}
