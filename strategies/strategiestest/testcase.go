package strategiestest

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// A testCase tests one strategy against one rule.
type testCase struct {
	*testing.T
	strategy catalog.Strategy
	config   catalog.Config
	setting  catalog.Setting // start method and transport, chosen by Cover
	turn     int             // in Cover, the number of the case among the cases of its rule; -1 in Run
	cleanups []func()
}

// do runs the function f of the case and then the cleanups. f runs on a new goroutine, the
// goroutine of the case, because Fatalf ends the goroutine that calls it.
func (t *testCase) do(f func(*testCase)) {
	async(func() error {
		returned := false
		defer func() { t.check(returned || t.Failed(), "a user function ended the goroutine of the case") }()
		f(t)
		returned = true
		return nil
	}).wait()
	for _, f := range slices.Backward(t.cleanups) {
		f()
	}
}

// cleanup registers f to be called at the end of the case. Only the goroutine of the case may call
// cleanup.
func (t *testCase) cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

// Fatalf reports a failure and ends the calling goroutine. Any goroutine may call it.
func (t *testCase) Fatalf(format string, args ...any) {
	t.Helper()
	t.Errorf(format, args...)
	runtime.Goexit()
}

// check reports a failure unless ok is true.
func (t *testCase) check(ok bool, format string, args ...any) {
	if !ok {
		t.Helper() // slow, so it is called only after a failure
		t.Errorf(format, args...)
	}
}

// ok calls Fatalf if err is not nil.
func (t *testCase) ok(err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// is reports a failure unless errors.Is(err, target) is true. For a nil target, err must be nil.
// The failure message begins with subject.
func (t *testCase) is(subject string, err, target error) {
	t.Helper()
	t.check(errors.Is(err, target), "%s: got error %v, want %v", subject, err, target)
}

// want reports a failure unless got equals want. The failure message begins with subject.
func want[V comparable](t *testCase, subject string, got, want V) {
	if got != want {
		t.Helper()
		t.Errorf("%s: got %v, want %v", subject, got, want)
	}
}

// within reports a failure unless lo ≤ got ≤ hi. The failure message begins with subject.
func within(t *testCase, subject string, got, lo, hi int) {
	t.Helper()
	t.check(lo <= got && got <= hi, "%s: got %v, want from %v to %v", subject, got, lo, hi)
}

// can returns the capabilities of the strategy.
func (t *testCase) can() catalog.Capabilities { return t.strategy.Capabilities }

// workers returns the number of workers of an executor for which the case requests n workers: n if
// the strategy is parallel, and otherwise 1.
func (t *testCase) workers(n int) int {
	if !t.can().Parallel {
		return 1
	}
	return n
}

// with changes the settings of the strategy that the case tests. The start method and the transport
// of the case stay as they are.
func (t *testCase) with(set catalog.Setting) {
	t.Helper()
	set.Start, set.Transport = t.setting.Start, t.setting.Transport
	s, err := t.strategy.With(set)
	t.ok(err)
	t.strategy = s
}

// turns returns the elements of xs over which a case loops. In a test by [Run], these are all
// elements. In a test by [Cover], each case of a rule takes one element, chosen by t.turn, so that
// the cases together test all elements.
func turns[X any](t *testCase, xs ...X) []X {
	if t.turn < 0 {
		return xs
	}
	i := t.turn % len(xs)
	return xs[i : i+1]
}

// cross yields every pair of an element of xs and an element of ys.
func cross[X, Y any](xs []X, ys []Y) iter.Seq2[X, Y] {
	return func(yield func(X, Y) bool) {
		for _, x := range xs {
			for _, y := range ys {
				if !yield(x, y) {
					return
				}
			}
		}
	}
}

// newExecutor makes an executor with the given number of workers, or with 1 worker if the strategy
// is not parallel. The caller must close the executor.
func (t *testCase) newExecutor(workers int) (strategies.Executor, error) {
	c := t.config
	c.Workers = t.workers(workers)
	return t.strategy.New(background, c)
}

// executor makes an executor like newExecutor. At its end, the case closes this executor. If the
// case has failed, it stops the executor instead, because Close could hang.
func (t *testCase) executor(workers int) strategies.Executor {
	t.Helper()
	ex, err := t.newExecutor(workers)
	t.ok(err)
	t.cleanup(func() {
		if t.Failed() {
			ex.Stop(cancelled)
		} else if err := ex.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return ex
}

// healthy reports a failure unless ex can run tasks on all its workers at the same time. workers is
// the number of workers that the case requested. A case calls healthy to check that the executor
// lost no worker.
func (t *testCase) healthy(ex strategies.Executor, workers int) {
	t.Helper()
	workers = t.workers(workers)
	g := t.gate()
	m := mapping(background, ex, actKernel, g.waiters(0, workers), strategies.Options{})
	until(func() bool { return m.ended() || g.count() >= workers })
	g.open()
	t.is("one task on each worker, all at the same time", m.wait(), nil)
}

// background is a context that never ends.
var background = context.Background()

// cancelled is a context that has already ended.
var cancelled = func() context.Context {
	ctx, cancel := context.WithCancel(background)
	cancel()
	return ctx
}()

// A call is a function call that runs on its own goroutine.
type call struct {
	done chan struct{}
	err  error
}

// async calls f on a new goroutine and returns the call.
func async(f func() error) *call {
	c := &call{done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.err = f()
	}()
	return c
}

// wait waits until the function of call c has returned, and returns its error.
func (c *call) wait() error {
	<-c.done
	return c.err
}

// ended reports whether the function of call c has returned.
func (c *call) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// A mapCall is a call of Map that runs on its own goroutine.
type mapCall[Out any] struct {
	*call
	out []Out // outputs of the map; valid once the call has ended
}

// mapping starts a map of kernel k on a new goroutine and returns without waiting for the map. The
// slice in holds the inputs.
func mapping[In, Out any](ctx context.Context, ex strategies.Executor, k strategies.Kernel[In, Out], in []In, o strategies.Options) *mapCall[Out] {
	m := new(mapCall[Out])
	m.call = async(func() (err error) {
		m.out, err = k.Map(ctx, ex, in, o)
		return err
	})
	return m
}

// pollTime is how long a test waits between two checks of a condition.
const pollTime = 500 * time.Microsecond

// until calls condition again and again, with the pause pollTime, until it returns true. If it
// stays false, only the time limit of the case ends the wait.
func until(condition func() bool) {
	for !condition() {
		time.Sleep(pollTime)
	}
}
