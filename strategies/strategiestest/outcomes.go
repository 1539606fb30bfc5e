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
	{"chunks", `The outcome of a task does not depend on the chunk size. With n tasks, chunks of
1, 2, 7, n and n+1 tasks give identical outcomes, including failures.`, needs{pairs}, chunks},
	{"policies", `Every chunk policy gives identical outcomes, in maps and streams.`, nil, policies},
	{"once", `If no error, cancellation or Stop ends a job early, each task runs exactly once and has exactly one outcome.`, nil, once},
	{"errors name their task", `An error gives the index of its task. If the worker is a process, it also gives the
name, process id and generation of the worker.`, needs{pairs}, blame},
	{"sizes", `A job with an empty input ends at once. In any other job, every task gets its
output. The job may have one task, fewer tasks than workers, a short last chunk, or a chunk larger
than the input.`, nil, sizes},
	{"failures", `If a task panics with any value or returns any error, only this task fails. The
other tasks of the job complete, and the executor keeps all workers. The error may have no text, or
be a deadline error that the task made itself. A PanicError has the value and the stack. An error
from a worker process keeps its message, the name of its type and the stack in that process.`, needs{pairs}, func(t *testCase) { failAlone(t, failures) }},
	{"goexit", `If a task calls runtime.Goexit, only this task fails. The other tasks of the job
complete, and the executor keeps all workers.`, needs{exits}, func(t *testCase) { failAlone(t, exitFailures) }},
	{"failures of all", `If all tasks of a job fail, in all ways in which a task can fail, the executor keeps all workers.`, nil, failAll},
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

// sameOutcomes reports a failure unless acts have the same outcomes with all chunk policies, in
// maps and in streams of both orders.
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
			want(t, fmt.Sprintf("%s with chunk %v: outcome of task %d", e, policy, i), got.String(), first[i].String())
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
		failed = append(failed, t.taskError("a task that fails", e).Task)
	}
	want(t, "tasks that failed", fmt.Sprint(failed), fmt.Sprint(bad))
	t.check(e.Skipped == 0 && e.Cause == nil, "map in which some tasks fail: got error %v, want no cause and no task that never started", e)
}

// taskError returns the TaskError that err wraps. If err wraps none, taskError ends the case with a
// failure. taskError also reports a failure unless the TaskError names a worker process exactly if
// the strategy has worker processes. The failure message begins with subject.
func (t *testCase) taskError(subject string, err error) *strategies.TaskError {
	t.Helper()
	e, ok := errors.AsType[*strategies.TaskError](err)
	if !ok {
		t.Fatalf("%s: got error %v, want a TaskError", subject, err)
	}
	w := e.Worker
	t.check((w != nil) == t.can().Processes, "%s: the error %v has worker process %v; want one if the strategy has worker processes, otherwise none", subject, e, w)
	t.check(w == nil || w.PID > 0 && strings.HasPrefix(w.Name, "w"), "%s: the error %v has worker %+v; want a process id above 0 and a name that begins with w", subject, e, w)
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

// An oops is an error whose type is declared only in this package, so executors do not know the
// type.
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

// A failure is one way in which a task can fail: the deed, the function that performs it, and the
// error that the task must then have.
type failure struct {
	do    deed
	fail  func() error
	text  string // text that the error must contain
	typ   string // type of the error; "" if any type will do
	is    error  // the error itself, if the task runs in this process; nil if any error will do
	panic bool   // whether the error is a PanicError
}

// returns describes a task with the deed do, which returns err. The error that the executor reports
// must contain text and have the type named typ.
func returns(do deed, err error, text, typ string) failure {
	return failure{do, func() error { return err }, text, typ, err, false}
}

// panics describes a task with the deed do, which panics with v. The error that the executor
// reports must contain text.
func panics(do deed, v any, text string) failure {
	is, _ := v.(error)
	return failure{do, func() error { panic(v) }, text, "", is, true}
}

var failures = []failure{
	returns(doError, errAct, "it failed", "*errors.errorString"),
	returns("return an error of its own type", oops{7}, "oops 7", "strategiestest.oops"),
	returns("return an error without text", errors.New(""), "", "*errors.errorString"),
	returns("return a typed nil error", (*nilError)(nil), "nothing at all", "*strategiestest.nilError"),
	returns("return a typed nil error whose Error method panics", (*nilPanics)(nil), "", "*strategiestest.nilPanics"),
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

// fails maps the deed of each [failure], and of each of the losses, to the function that performs
// this deed.
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

// failures returns the ways to fail after which a worker of the strategy must run further tasks.
// They include calls of runtime.Goexit, unless the strategy may lose a worker by such a call.
func (t *testCase) failures() []failure {
	if t.can().LosesGoexit {
		return failures
	}
	return slices.Concat(failures, exitFailures)
}

// check reports a failure unless err is the error that f describes.
func (f failure) check(t *testCase, err error) {
	t.Helper()
	subject := "a task that should " + string(f.do)
	te := t.taskError(subject, err)
	t.check(strings.Contains(te.Error(), f.text), "%s: the text of the error is %q, want a text with %q", subject, te, f.text)
	t.check(f.is == nil || t.can().Processes || errors.Is(err, f.is), "%s: got an error of type %T, want the error %v", subject, te.Err, f.is)
	t.check(f.typ == "" || typeOf(te.Err) == f.typ, "%s: got an error of type %s, want type %s", subject, typeOf(te.Err), f.typ)
	t.check(f.do != doGoexit || errors.Is(te.Err, strategies.ErrGoexit), "%s: got error %v, want ErrGoexit", subject, te.Err)
	if p, ok := errors.AsType[*strategies.PanicError](err); f.panic {
		t.check(ok, "%s: got an error of type %T, want a PanicError", subject, te.Err)
		t.check(ok && bytes.Contains(p.Stack, []byte("strategiestest.perform")), "%s: the stack of the PanicError does not show the function of the task: %+v", subject, p)
	}
}

// typeOf returns the name of the type that err had in the process where it was created.
func typeOf(err error) string {
	if remote, ok := err.(*strategies.RemoteError); ok {
		return remote.Type
	}
	return fmt.Sprintf("%T", err)
}

// someFail submits acts, of which some should fail: bad maps the numbers of these tasks to their
// deeds. Entry e selects a map, a stream or futures. someFail calls the function check with the
// number and the outcome of each task in bad. It reports a failure unless all other tasks succeed.
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

// all returns a map from each of the given task numbers to the deed do, for the parameter bad of
// someFail.
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
			want(t, "output of a failed task", o.value, done{})
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
		t.check(e.Failed == len(acts), "chunk %d: want a failure of all %d tasks, got error %v", size, len(acts), e)
		t.healthy(ex, workers)
	}
}
