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
	{"input that panics", `If the input of a stream panics, the stream delivers the outcomes of all earlier tasks
and then an InputError. The executor can run other jobs at once.`, nil, inputPanics},
	{"input that yields an error", `If the input of a stream yields an error, the stream first
delivers the outcomes of all earlier tasks. Then it delivers an InputError that wraps the error of
the input. The executor can run other jobs at once.`, nil, inputFails},
	{"input that ignores the result of yield", `If the input of a stream continues after yield has returned false, the stream still ends with an error.`, nil, inputGoesOn},
	{"input that watches its context", `If the input of a stream ends because the context of its
job has ended, the last error is the cause of the context.`, nil, inputWatches},
	{"drain", `The error of Drain gives the numbers of tasks that succeeded and failed, and the first
failures. If Drain ended before its input did, the error also gives the cause.`, nil, drain},
	{"stop while the stream waits for an input", `If the context of Stop has ended, Stop returns even while the input of a stream waits.`, nil, inputWaits},
	{"stop while a consumer pauses", `Stop returns even while the consumer of a stream pauses. The last error of this
stream is ErrClosed.`, nil, consumerPauses},
	{"consumer that stops", `If the consumer of a stream stops early, the stream stops pulling its input and
cancels the tasks that have not started. The stream leaves nothing behind and does not affect other
jobs.`, nil, consumerStops},
	{"contexts end when the consumer stops", `If the consumer of a stream stops early, the contexts of running tasks end.`, needs{inside}, consumerEndsContexts},
	{"never read", `A stream pulls no input before a consumer ranges over it. A consumer that stops after the
first outcome leaves nothing behind.`, nil, neverRead},
}

// brokenAfter lists the numbers of tasks after which an input fails: none, fewer than a window
// holds, and more than several windows hold.
var brokenAfter = []int{0, 1, 5, 300}

// broken runs a stream over input, which fails after n acts. It returns the InputError of the
// stream. It reports a failure unless the stream delivers exactly n outputs and then the
// InputError. The failure message begins with subject.
func (t *testCase) broken(ex strategies.Executor, subject string, input iter.Seq[act], n int, order strategies.Order) *strategies.InputError {
	t.Helper()
	values := 0
	var last error
	for d, err := range stream(ex, input, strategies.Options{Order: order, Window: 64}) {
		t.check(last == nil, "%s: the stream delivers %s after its error, want nothing", subject, outcome[done]{d, err})
		if last = err; err == nil {
			values++
		}
	}
	want(t, "outputs before the error of the input", values, n)
	e, ok := errors.AsType[*strategies.InputError](last)
	if !ok || e.Task != n {
		t.Fatalf("%s after %d tasks: the last error of the stream is %v, want an InputError with this number as its task", subject, n, last)
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

// failingInput returns an input that yields acts and then err. If the stream does not stop there,
// the input yields one more act, which no stream should run.
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
			"drain of an input that fails after %d tasks: got error %v, want an InputError as the cause", n, err)
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
		t.is("error of Stop while an input waits", ex.Stop(cancelled), context.Canceled)
		close(release)
		t.is("last error of a stream whose input waits during Stop", s.wait(), strategies.ErrClosed)
		t.ok(ex.Stop(background))
	}
}

func consumerPauses(t *testCase) {
	for _, order := range orders {
		ex := t.executor(2)
		next, stop := iter.Pull2(stream(ex, endless(t, new(atomic.Int64), plainAct), strategies.Options{Order: order, Window: 3}))
		_, last, more := next()
		t.check(more && last == nil, "first outcome of a stream: delivered: %v, error %v, want an output", more, last)
		t.ok(ex.Stop(background))
		for {
			_, err, more := next()
			if !more {
				break
			}
			last = err
		}
		t.is("last error of a stream whose consumer pauses during Stop", last, strategies.ErrClosed)
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
		t.check(n < inputs && last != nil, "stream that was cancelled after 50 outcomes: got %d outcomes and last error %v, want an error and fewer outcomes than inputs", n, last)
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
			want(t, "last error of a stream whose input ended its context", last, errAct)
			err := actKernel.Drain(ctx, ex, input, strategies.Options{})
			t.is("error of a drain whose context has ended", err, errAct)
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
	want(t, "cause of a drain that ran all tasks", e.Cause, nil)
	before := -1
	for e := range e.Failures() {
		t.check(acts[e.Task].Do != "", "the error of Drain lists the failure %v of a task that should succeed", e)
		t.check(e.Task > before, "the error of Drain lists task %d after task %d, want increasing numbers", e.Task, before)
		before = e.Task
	}

	acts = plain(20_000)
	acts[5].Do = doError
	e = t.failedJob(actKernel.Drain(background, ex, slices.Values(acts), strategies.Options{FailFast: true}))
	first := slices.Collect(e.Failures())
	t.check(e.Failed == 1 && first[0].Task == 5 && errors.Is(e.Cause, first[0]), "drain with FailFast: got error %v, want the failure of task 5 as the cause", e)

	ctx, cancel := context.WithCancelCause(background)
	var pulled atomic.Int64
	input := endless(t, &pulled, func(i int) act {
		if i == 500 {
			cancel(errAct)
		}
		return plainAct(i)
	})
	e = t.failedJob(actKernel.Drain(ctx, ex, input, strategies.Options{Window: 16}))
	t.is("cause of a drain whose context ended", e.Cause, errAct)
	want(t, "tasks with an outcome after a drain (want: tasks that it pulled)", e.Failed+e.Succeeded+e.Skipped, int(pulled.Load()))
}

func consumerStops(t *testCase) {
	const w = 64
	ex := t.executor(2)
	var stop atomic.Bool
	other := async(func() error { // runs jobs on the same executor, which the streams must not affect
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
			t.check((p == errAct) == (name == "panic"), "consumer that ends by %s: recovered %v, want the value of its panic, or nil without a panic", name, p)
			want(t, "deliveries before the consumer stops", n.Load(), int64(after))
			within(t, "tasks pulled by a stream whose consumer ends by "+name, int(pulled.Load()), after, after+w)
		}
	}
	stop.Store(true)
	t.is("error of other jobs on the same executor", other.wait(), nil)
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
		want(t, "running tasks after the consumer has stopped", running.Load(), 0)
	}
}

func neverRead(t *testCase) {
	const w = 8
	ex := t.executor(2)
	for _, order := range orders {
		var pulled atomic.Int64
		s := stream(ex, endless(t, &pulled, plainAct), strategies.Options{Order: order, Window: w})
		want(t, "tasks pulled by a stream before it has a consumer", pulled.Load(), 0)
		for range 20 {
			for range s {
				break
			}
		}
		within(t, "tasks pulled by 20 streams whose consumers stop after the first outcome", int(pulled.Load()), 0, 20*(w+1))
	}
	t.healthy(ex, 2)
}
