package strategiestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/strategies"
)

var failureRules = []rule{
	{"failures", `A task that returns an error, panics with any value, or returns an error that
looks empty or is its own deadline error, fails alone; its siblings complete; no worker
slot is lost. A panic carries its value and stack. Across processes an error keeps its
message, its type's name and the remote stack.`, pairs, func(t *testCase) { failAlone(t, failures) }},
	{"exits", `A task that calls runtime.Goexit fails alone; its siblings complete; no worker
slot is lost.`, exits, func(t *testCase) { failAlone(t, exitFailures) }},
	{"failures of all", `Where all tasks fail, in all ways, every worker keeps its place.`, 0, failAll},
}

// errAct is the error of doError.
var errAct = errors.New("it failed")

// An oops is an error type that a parent process need not know.
type oops struct{ N int }

func (e oops) Error() string { return fmt.Sprintf("oops %d", e.N) }

type nilError struct{ text string }

func (e *nilError) Error() string {
	if e == nil {
		return "nothing at all"
	}
	return e.text
}

type nilPanics struct{ text string }

func (e *nilPanics) Error() string { return e.text }

type badText struct{}

func (badText) String() string { panic("no text") }

func nilMap() map[int]int { return nil }

// A failure is a way in which a task fails and what its error then is.
type failure struct {
	do    deed
	fail  func() error
	text  string // in the error
	typ   string // of the error
	is    error  // in this process, the error is this one
	panic bool
}

// returns is the failure of a task that returns err.
func returns(do deed, err error, text, typ string) failure {
	return failure{do, func() error { return err }, text, typ, err, false}
}

// panics is the failure of a task that panics with v.
func panics(do deed, v any, text string) failure {
	is, _ := v.(error)
	return failure{do, func() error { panic(v) }, text, "", is, true}
}

var failures = []failure{
	returns(doError, errAct, "it failed", "*errors.errorString"),
	returns("return an error of its own type", oops{7}, "oops 7", "strategiestest.oops"),
	returns("return an error without text", errors.New(""), "", "*errors.errorString"),
	returns("return a typed nil error", (*nilError)(nil), "nothing at all", "*strategiestest.nilError"),
	returns("return a typed nil error whose text panics", (*nilPanics)(nil), "", "*strategiestest.nilPanics"),
	returns("return its own deadline error", context.DeadlineExceeded, "context deadline exceeded", "context.deadlineExceededError"),
	returns("return its own cancellation", context.Canceled, "context canceled", "*errors.errorString"),
	panics("panic with a string", "boom", "boom"),
	panics("panic with an error", errAct, "it failed"),
	panics("panic with a struct", struct{ N int }{7}, "{7}"),
	panics("panic with nil", nil, "nil"),
	panics("panic with a value whose text panics", badText{}, ""),
	{do: "write to a nil map", fail: func() error { nilMap()[0] = 1; return nil }, text: "nil map", panic: true},
}

// exitFailures are those that end the goroutine.
var exitFailures = []failure{
	{do: doGoexit, fail: func() error { runtime.Goexit(); return nil }, is: strategies.ErrGoexit},
	{do: "call runtime.Goexit and panic in a deferred function", fail: func() error { defer panic("boom"); runtime.Goexit(); return nil }},
	{do: "panic and call runtime.Goexit in a deferred function", fail: func() error { defer runtime.Goexit(); panic("boom") }},
}

// fails are the functions of all failures by their deed.
var fails = func() map[deed]func() error {
	fails := map[deed]func() error{}
	for _, f := range slices.Concat(failures, exitFailures) {
		fails[f.do] = f.fail
	}
	return fails
}()

// failures returns the failures that cost the strategy no worker.
func (t *testCase) failures() []failure {
	if t.can().LosesGoexit {
		return failures
	}
	return slices.Concat(failures, exitFailures)
}

// check reports a failure unless err is that of a task that failed in this way.
func (f failure) check(t *testCase, err error) {
	t.Helper()
	what := "a task that should " + string(f.do)
	te, ok := errors.AsType[*strategies.TaskError](err)
	if !ok {
		t.Errorf("%s: its outcome is %v", what, err)
		return
	}
	t.check(strings.Contains(te.Error(), f.text), "%s: the error says %q and not %q", what, te, f.text)
	t.check(f.is == nil || t.can().Processes || errors.Is(err, f.is), "%s: the error is a %T, not %v", what, te.Err, f.is)
	t.check(f.typ == "" || typeOf(te.Err) == f.typ, "%s: the error is a %s, not a %s", what, typeOf(te.Err), f.typ)
	t.check(f.do != doGoexit || te.Err == strategies.ErrGoexit, "%s: the error is %v", what, te.Err)
	if p, ok := errors.AsType[*strategies.PanicError](err); f.panic {
		t.check(ok, "%s: the error is no panic but a %T", what, te.Err)
		t.check(ok && bytes.Contains(p.Stack, []byte("strategiestest.perform")), "%s: the panic's stack does not show it: %+v", what, p)
	}
	t.checkWorker(te)
}

// typeOf returns the name of an error's type, where it was made.
func typeOf(err error) string {
	if remote, ok := err.(*strategies.RemoteError); ok {
		return remote.Type
	}
	return fmt.Sprintf("%T", err)
}

func failAlone(t *testCase, failures []failure) {
	const workers, n = 2, 10
	ex := t.executor(workers)
	for f, size := range cross(failures, []int{1, 7}) {
		acts := plain(n)
		acts[3].Do, acts[8].Do = f.do, f.do
		for i, o := range outcomes(t, ex, actKernel, acts, chunked(size), asMap) {
			if acts[i].Do == f.do {
				f.check(t, o.err)
				want(t, "output of a task that failed", o.value, done{})
			} else {
				t.succeeded("sibling of a task that should "+string(f.do), i, o)
			}
		}
		if t.Failed() {
			return
		}
	}
	t.healthy(ex, workers)
}

func failAll(t *testCase) {
	failures := t.failures()
	const workers = 3
	ex := t.executor(workers)
	acts := plain(5 * len(failures))
	for i := range acts {
		acts[i].Do = failures[i%len(failures)].do
	}
	for _, size := range []int{1, 10, len(acts)} {
		e := mapFails(t, ex, actKernel, acts, chunked(size))
		t.check(e.Failed == len(acts), "chunk %d: %d tasks were to fail: %v", size, len(acts), e)
		t.healthy(ex, workers)
	}
}
