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
	{"chunks", `Each task has its own outcome, and no chunk size changes an outcome: chunks of 1, 2, 7,
n and n+1 tasks give identical outcomes, including failures.`, needs{pairs}, chunks},
	{"policies", `Every chunk policy gives identical outcomes, in maps and streams.`, nil, policies},
	{"once", `If nothing stops a job, each task runs exactly once and has exactly one outcome.`, nil, once},
	{"blame", `An error gives the index of its task. If the worker is a process, it also gives the
name, process id and generation of the worker.`, needs{pairs}, blame},
	{"sizes", `An empty input ends at once. One task, fewer tasks than workers, a short last chunk and
a chunk larger than the input give every task its output.`, nil, sizes},
	{"failures", `A task fails alone if it panics with any value or returns any error, such as one
without text or a deadline error of its own: its siblings complete, and the executor keeps
all workers. A PanicError has the value and the stack. An error from another process keeps
its message, the name of its type and the remote stack.`, needs{pairs}, func(t *testCase) { failAlone(t, failures) }},
	{"exits", `A task that calls runtime.Goexit fails alone: its siblings complete, and the executor
keeps all workers.`, needs{exits}, func(t *testCase) { failAlone(t, exitFailures) }},
	{"failures of all", `If all tasks fail, in all the ways that a task can fail, the executor keeps all workers.`, nil, failAll},
}

func chunks(t *testCase) {
	n := 100
	if t.turn >= 0 {
		n = 32 // enough for one task with each kind of failure
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

// sameOutcomes reports a failure unless acts have the same outcomes under all policies, in maps and
// in streams.
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
		failed = append(failed, t.taskError("task that fails", e).Task)
	}
	want(t, "tasks that failed", fmt.Sprint(failed), fmt.Sprint(bad))
	t.check(e.Skipped == 0 && e.Cause == nil, "tasks did not start: %v", e)
}

// taskError returns the TaskError in err. If err has none, it ends the case. It reports a failure
// if the error names a worker process although the workers are goroutines, or names none although
// they are processes.
func (t *testCase) taskError(what string, err error) *strategies.TaskError {
	t.Helper()
	e, ok := errors.AsType[*strategies.TaskError](err)
	if !ok {
		t.Fatalf("%s: the error of the task is %v", what, err)
	}
	w := e.Worker
	t.check((w != nil) == t.can().Processes, "%s: the error %v has the worker process %v; only strategies of worker processes have one", what, e, w)
	t.check(w == nil || w.PID > 0 && strings.HasPrefix(w.Name, "w"), "%s: %v: names worker %+v", what, e, w)
	return e
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

// errAct is the error that a task with deed doError returns.
var errAct = errors.New("it failed")

// An oops is an error of a type that only this package knows, not the executors.
type oops struct{ N int }

func (e oops) Error() string { return fmt.Sprintf("oops %d", e.N) }

// A nilError is an error type whose Error method returns a text even for a nil pointer.
type nilError struct{}

func (*nilError) Error() string { return "nothing at all" }

// A nilPanics is an error type whose Error method panics for a nil pointer.
type nilPanics struct{ text string }

func (e *nilPanics) Error() string { return e.text }

// A badText is a value whose String method panics.
type badText struct{}

func (badText) String() string { panic("no text") }

func nilMap() map[int]int { return nil }

// A failure is a way in which a task fails, with a description of the resulting error.
type failure struct {
	do    deed
	fail  func() error
	text  string // text that the error must contain
	typ   string // type of the error; "" for any type
	is    error  // the error itself, if the task runs in this process; nil for any error
	panic bool   // whether the error is a PanicError
}

// returns returns the failure of a task that returns err.
func returns(do deed, err error, text, typ string) failure {
	return failure{do, func() error { return err }, text, typ, err, false}
}

// panics returns the failure of a task that panics with v.
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

// exitFailures are the failures that end the goroutine of the task by Goexit.
var exitFailures = []failure{
	{do: doGoexit, fail: func() error { runtime.Goexit(); return nil }, is: strategies.ErrGoexit},
	{do: "call runtime.Goexit and panic in a deferred function", fail: func() error { defer panic("boom"); runtime.Goexit(); return nil }},
	{do: "panic and call runtime.Goexit in a deferred function", fail: func() error { defer runtime.Goexit(); panic("boom") }},
}

// fails holds the function of each failure and loss, by deed.
var fails = func() map[deed]func() error {
	fails := map[deed]func() error{}
	for _, f := range slices.Concat(failures, exitFailures, exitingFailures) {
		fails[f.do] = f.fail
	}
	for _, l := range losses {
		fails[l.do] = l.fail
	}
	return fails
}()

// failures returns the failures after which the strategy keeps all its workers.
func (t *testCase) failures() []failure {
	if t.can().LosesGoexit {
		return failures
	}
	return slices.Concat(failures, exitFailures)
}

// check reports a failure unless err is the error that f describes.
func (f failure) check(t *testCase, err error) {
	t.Helper()
	what := "a task that should " + string(f.do)
	te := t.taskError(what, err)
	t.check(strings.Contains(te.Error(), f.text), "%s: the text of the error is %q, which does not contain %q", what, te, f.text)
	t.check(f.is == nil || t.can().Processes || errors.Is(err, f.is), "%s: the error is a %T, not %v", what, te.Err, f.is)
	t.check(f.typ == "" || typeOf(te.Err) == f.typ, "%s: the error is a %s, not a %s", what, typeOf(te.Err), f.typ)
	t.check(f.do != doGoexit || errors.Is(te.Err, strategies.ErrGoexit), "%s: the error is %v", what, te.Err)
	if p, ok := errors.AsType[*strategies.PanicError](err); f.panic {
		t.check(ok, "%s: the error is a %T, not a PanicError", what, te.Err)
		t.check(ok && bytes.Contains(p.Stack, []byte("strategiestest.perform")), "%s: the stack of the panic lacks the task: %+v", what, p)
	}
}

// typeOf returns the name of the type that err had in the process where it was created.
func typeOf(err error) string {
	if remote, ok := err.(*strategies.RemoteError); ok {
		return remote.Type
	}
	return fmt.Sprintf("%T", err)
}

// someFail submits acts in the way e (as a map, a stream or futures). Before that, it sets the deed
// of each task in bad. It calls check with the outcomes of these tasks, and reports a failure
// unless all other acts succeed.
func (t *testCase) someFail(ex strategies.Executor, acts []act, bad map[int]deed, o strategies.Options, e entry, check func(i int, o outcome[done])) {
	t.Helper()
	for i, do := range bad {
		acts[i].Do = do
	}
	for i, out := range outcomes(t, ex, actKernel, acts, o, e) {
		if bad[i] != "" {
			check(i, out)
		} else {
			t.succeeded(fmt.Sprintf("%s, chunk %v, failing tasks %v", e, o.Chunk, bad), i, out)
		}
	}
}

// all returns a map from each of the given tasks to the deed do, which says what the task does.
func all(do deed, tasks ...int) map[int]deed {
	bad := map[int]deed{}
	for _, i := range tasks {
		bad[i] = do
	}
	return bad
}

func failAlone(t *testCase, failures []failure) {
	const workers, n = 2, 10
	ex := t.executor(workers)
	for f, size := range cross(failures, []int{1, 7}) {
		t.someFail(ex, plain(n), all(f.do, 3, 8), chunked(size), asMap, func(_ int, o outcome[done]) {
			f.check(t, o.err)
			want(t, "output of a task that failed", o.value, done{})
		})
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
		t.check(e.Failed == len(acts), "chunk %d: all %d tasks should fail: %v", size, len(acts), e)
		t.healthy(ex, workers)
	}
}
