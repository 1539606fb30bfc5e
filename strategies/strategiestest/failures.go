package strategiestest

import (
	"bytes"
	"errors"
	"fmt"
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

// A failure is a way in which a task fails and what its error then is.
type failure struct {
	do    deed
	text  string // in the error
	typ   string // of the error
	is    error  // in this process, the error is this one
	panic bool
}

var failures = []failure{
	{do: doError, text: "it failed", typ: "*errors.errorString", is: errAct},
	{do: doOwnType, text: "oops 7", typ: "strategiestest.oops", is: oops{7}},
	{do: doEmptyError, typ: "*errors.errorString"},
	{do: doTypedNil, text: "nothing at all", typ: "*strategiestest.nilError"},
	{do: doTypedNilPanics, typ: "*strategiestest.nilPanics"},
	{do: doOwnDeadline, text: "context deadline exceeded", typ: "context.deadlineExceededError", is: returned[doOwnDeadline]},
	{do: doOwnCancel, text: "context canceled", typ: "*errors.errorString", is: returned[doOwnCancel]},
	{do: doPanicText, text: "boom", panic: true},
	{do: doPanicError, text: "it failed", panic: true, is: errAct},
	{do: doPanicValue, text: "{7}", panic: true},
	{do: doPanicNil, text: "nil", panic: true},
	{do: doPanicBadText, panic: true},
	{do: doRuntimeError, text: "nil map", panic: true},
}

// exitFailures are those that end the goroutine.
var exitFailures = []failure{
	{do: doGoexit, is: strategies.ErrGoexit},
	{do: doGoexitPanic},
	{do: doPanicGoexit},
}

// failures returns the failures that cost the strategy no worker.
func (t *testCase) failures() []failure {
	if t.can().LosesGoexit {
		return failures
	}
	return slices.Concat(failures, exitFailures)
}

// check reports a failure unless err is that of a task that failed in this way.
func (f failure) check(t *testCase, err error) {
	t.t.Helper()
	wrong := func(format string, args ...any) {
		t.t.Helper()
		t.Errorf("a task that should %s: %s", f.do, fmt.Sprintf(format, args...))
	}
	te, ok := errors.AsType[*strategies.TaskError](err)
	if !ok {
		wrong("its outcome is %v", err)
		return
	}
	if !strings.Contains(te.Error(), f.text) {
		wrong("the error says %q and not %q", te, f.text)
	}
	if f.is != nil && !t.can().Processes && !errors.Is(err, f.is) {
		wrong("the error is a %T, not %v", te.Err, f.is)
	}
	if typ := typeOf(te.Err); f.typ != "" && typ != f.typ {
		wrong("the error is a %s, not a %s", typ, f.typ)
	}
	if f.do == doGoexit && te.Err != strategies.ErrGoexit {
		wrong("the error is %v", te.Err)
	}
	if f.panic {
		if p, ok := errors.AsType[*strategies.PanicError](err); !ok {
			wrong("the error is no panic but a %T", te.Err)
		} else if !bytes.Contains(p.Stack, []byte("strategiestest.perform")) {
			wrong("the panic's stack does not show it: %s", p.Stack)
		}
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
	for _, f := range failures {
		for _, size := range []int{1, 7} {
			acts := plain(n)
			acts[3].Do, acts[8].Do = f.do, f.do
			for i, o := range t.results(ex, acts, chunked(size)) {
				if acts[i].Do == f.do {
					f.check(t, o.err)
					want(t, "output of a task that failed", o.value, done{})
				} else {
					t.succeeded("sibling of a task that should "+string(f.do), i, o)
				}
			}
		}
		if t.t.Failed() {
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
		_, err := actKernel.Map(background, ex, acts, chunked(size))
		if e := t.jobError(err); e == nil || e.Failed != len(acts) {
			t.Fatalf("chunk %d: %d tasks were to fail: %v", size, len(acts), err)
		}
		t.healthy(ex, workers)
	}
}
