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
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var outcomeRules = []rule{
	{"chunks", `The unit of outcome is the task, whatever the chunk. Chunks of 1, 2, 7, n and
n+1 tasks give identical outcomes, including the tasks that fail.`, pairs, chunks},
	{"policies", `Every chunk policy gives identical outcomes, in maps and streams.`, 0, policies},
	{"once", `Every task of a job runs exactly once if nothing stops it and has exactly one
outcome.`, 0, once},
	{"blame", `An error knows its task's index and, where the worker is a process, the
worker's name, process id and generation.`, pairs, blame},
	{"sizes", `Empty input finishes at once. One task, fewer tasks than workers, a short last
chunk and a chunk larger than the input give every task its output.`, 0, sizes},
	{"failures", `A task that returns an error, panics with any value, or returns an error that
looks empty or is its own deadline error, fails alone; its siblings complete; no worker
slot is lost. A panic carries its value and stack. Across processes an error keeps its
message, its type's name and the remote stack.`, pairs, func(t *testCase) { failAlone(t, failures) }},
	{"exits", `A task that calls runtime.Goexit fails alone; its siblings complete; no worker
slot is lost.`, exits, func(t *testCase) { failAlone(t, exitFailures) }},
	{"failures of all", `Where all tasks fail, in all ways, every worker keeps its place.`, 0, failAll},
}

func chunks(t *testCase) {
	n := 100
	if t.turn >= 0 {
		n = 32 // each kind of failure, once
	}
	var sizes []chunk.Policy
	for _, size := range append(turns(t, 2, 7, n, n+1), 1) {
		sizes = append(sizes, chunk.Fixed(size))
	}
	t.sameOutcomes(t.mixed(n), sizes, strategies.Options{})
}

func policies(t *testCase) {
	acts := t.mixed(100)
	t.sameOutcomes(acts, append(chunk.All(), nil), strategies.Options{Window: 50})
	t.sameOutcomes(acts, []chunk.Policy{nil, chunk.Fixed(1 << 12)}, strategies.Options{Window: 1 << 12})
}

// sameOutcomes reports a failure unless acts have the same outcomes with every policy, in maps
// and streams.
func (t *testCase) sameOutcomes(acts []act, policies []chunk.Policy, o strategies.Options) {
	t.Helper()
	ex := t.executor(2)
	var first []outcome[done]
	for policy, e := range cross(policies, jobEntries) {
		o.Chunk = policy
		all := outcomes(t, ex, actKernel, acts, o, e)
		if first == nil {
			first = all
		}
		for i, got := range all {
			want(t, fmt.Sprintf("%s with chunk %v: outcome %d", e, policy, i), got.String(), first[i].String())
		}
	}
}

func once(t *testCase) {
	const n = 100
	ex := t.executor(3)
	for size, e := range cross([]int{1, 7}, jobEntries) {
		g := t.gate()
		t.allSucceed(ex, g.markers(0, n), strategies.Options{Chunk: chunk.Fixed(size), Window: 2 * size}, e)
		want(t, "tasks that ran in a "+string(e), g.count(), n)
	}
}

func blame(t *testCase) {
	ex := t.executor(2)
	acts := plain(24)
	bad := []int{0, 8, 9, 23}
	for _, i := range bad {
		acts[i].Do = doError
	}
	e := mapFails(t, ex, actKernel, acts, chunked(3))
	var failed []int
	for e := range e.Failures() {
		failed = append(failed, e.Task)
		t.checkWorker(e)
	}
	want(t, "tasks that failed", fmt.Sprint(failed), fmt.Sprint(bad))
	t.check(e.Skipped == 0 && e.Cause == nil, "tasks did not start: %v", e)
}

// checkWorker reports a failure unless err is a TaskError that names the process of its worker,
// or no process where workers are in this one.
func (t *testCase) checkWorker(err error) {
	t.Helper()
	e, ok := errors.AsType[*strategies.TaskError](err)
	if !ok {
		t.Fatalf("the error of a task is %v", err)
	}
	w := e.Worker
	t.check((w != nil) == t.can().Processes, "%v: names the worker process %v", e, w)
	t.check(w == nil || w.PID > 0 && strings.HasPrefix(w.Name, "w"), "%v: names worker %+v", e, w)
}

func sizes(t *testCase) {
	const workers = 4
	ex := t.executor(workers)
	for _, n := range []int{0, 1, workers - 1, workers, 10, 25} {
		for size, e := range cross([]int{0, 1, 7, n, n + 1, 1000}, jobEntries) {
			t.allSucceed(ex, plain(n), chunked(size), e)
		}
	}
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

// fails are the functions of all failures and losses by their deed.
var fails = func() map[deed]func() error {
	fails := map[deed]func() error{}
	for _, f := range slices.Concat(failures, exitFailures) {
		fails[f.do] = f.fail
	}
	for _, l := range losses {
		fails[l.do] = l.fail
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
	t.checkWorker(err)
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
