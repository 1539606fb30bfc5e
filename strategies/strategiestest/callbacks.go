package strategiestest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// callbackRules are rules for functions of the user that are not kernels: policies, codecs, hooks,
// contexts and methods of errors.
var callbackRules = []rule{
	{"chunk policies that fail", `If a chunk policy panics or calls runtime.Goexit, the job fails with a CallbackError
that names the chunk policy. The executor can run other jobs at once.`, nil, policiesFail},
	{"chunk policies that use the executor", `If a chunk policy closes or stops its executor, Close and Stop return an error. If the
policy submits a job, this job ends. The executor can run other jobs at once.`, nil, policiesUse},
	{"codecs that use the executor", `If a codec in this process closes or stops its executor, Close and Stop return
ErrNested. If the codec submits a job, this job ends.`, needs{processes}, codecsUse},
	{"codecs that end their goroutine", `If a codec in a worker process calls runtime.Goexit for a
value, only the task of this value fails, with a CodecError.`, needs{processes}, codecsExit},
	{"errors that end their goroutine", `If a task in a worker process returns an error whose methods call runtime.Goexit,
only this task fails.`, needs{processes}, errorsExit},
	{"hooks of futures that fail", `If a hook of a future panics or calls runtime.Goexit, the error of the future contains a
HookError. It also contains the error of the task if the task has failed.`, nil, futureHooksFail},
	{"contexts that panic", `If a method of a context panics during a call of Go, Map or Stream, every task still gets
an outcome. The executor can run other jobs at once.`, needs{apart}, contextsPanic},
}

// A brokenContext is a context that never ends. One of its methods panics; the field method holds
// the name of this method.
type brokenContext struct {
	context.Context
	method string
	done   chan struct{}
}

func (c brokenContext) call(method string) {
	if method == c.method {
		panic(errAct)
	}
}

func (c brokenContext) Done() <-chan struct{} { c.call("Done"); return c.done }
func (c brokenContext) Err() error            { c.call("Err"); return nil }
func (c brokenContext) AfterFunc(func()) (stop func() bool) {
	c.call("AfterFunc")
	return func() bool { return true }
}

// A brokenPolicy is a chunk policy that returns chunks of two tasks until it breaks: it then calls
// the function end, which never returns. It breaks in call number from, counted from 1, and in all
// later calls. It counts only calls during which at most left tasks of the job remain.
type brokenPolicy struct {
	calls *atomic.Int64
	from  int64
	left  int
	end   func()
}

func (p brokenPolicy) Size(c chunk.Claim) int {
	if c.Left <= p.left && p.calls.Add(1) >= p.from {
		p.end()
	}
	return 2
}

func (brokenPolicy) String() string { return "broken" }

// waysToEnd are the ways in which a function can end without a return.
var waysToEnd = map[string]func(){
	"panic":         func() { panic(errAct) },
	"Goexit":        runtime.Goexit,
	"Goexit, panic": func() { defer panic(errAct); runtime.Goexit() },
}

func policiesFail(t *testCase) {
	ex := t.executor(2)
	for name, end := range waysToEnd {
		if t.can().LosesGoexit && name != "panic" {
			continue // the policy runs on a worker
		}
		ends := []brokenPolicy{{from: 1, left: 100}, {from: 4, left: 100}, {from: 1, left: 2}}
		for policy, entry := range cross(ends, jobEntries) {
			for _, hooks := range []*strategies.Hooks{nil, hooked().Hooks} {
				policy.calls, policy.end = new(atomic.Int64), end
				errs := errorsOf(background, ex, plain(60), strategies.Options{Chunk: policy, Window: 16, Hooks: hooks}, entry)
				err := errors.Join(errs...)
				if policy.calls.Load() < policy.from {
					t.is("job that ends before its chunk policy fails", err, nil)
					continue
				}
				e, ok := errors.AsType[*strategies.CallbackError](err)
				t.check(ok && e.Callback == "chunk policy" && (errors.Is(e, errAct) || errors.Is(e, strategies.ErrGoexit)),
					"%s whose chunk policy ends by %s in its call %d with at most %d remaining tasks: got error %v, want a CallbackError of the chunk policy", entry, name, policy.from, policy.left, err)
			}
		}
		t.healthy(ex, 2)
	}
}

// A usingPolicy is a chunk policy that calls the function use, and then returns a chunk of two
// tasks.
type usingPolicy struct{ use func() }

func (p usingPolicy) Size(chunk.Claim) int { p.use(); return 2 }
func (usingPolicy) String() string         { return "using" }

func policiesUse(t *testCase) {
	ex := t.executor(2)
	for _, entry := range jobEntries {
		for name, use := range map[string]func() error{
			"close": ex.Close,
			"map":   func() error { _, err := actKernel.Map(background, ex, plain(3), strategies.Options{}); return err },
			"future": func() error {
				_, err := actKernel.Go(background, ex, act{}, strategies.Options{}).Wait(background)
				return err
			},
		} {
			var used atomic.Bool
			o := strategies.Options{Window: 16, Chunk: usingPolicy{func() {
				if !used.Swap(true) {
					err := use()
					t.check(errors.Is(err, strategies.ErrNested) || err == nil && name != "close", "%s called by a chunk policy: got error %v, want ErrNested (or nil, unless the call is close)", name, err)
				}
			}}}
			t.ok(errors.Join(errorsOf(background, ex, plain(20), o, entry)...))
		}
	}
	t.healthy(ex, 2)
}

// usesOfExecutor are functions that close an executor, stop it, or run a map on it. Each function
// returns the error of Close, Stop or Map.
var usesOfExecutor = map[string]func(ex strategies.Executor) error{
	"close": strategies.Executor.Close,
	"stop":  func(ex strategies.Executor) error { return ex.Stop(background) },
	"map": func(ex strategies.Executor) error {
		_, err := actKernel.Map(background, ex, plain(3), strategies.Options{})
		return err
	},
}

func codecsUse(t *testCase) {
	for _, name := range turns(t, "close", "stop", "map") {
		for encoding, e := range cross([]bool{true, false}, []entry{asMap, inOrder, asFutures}) {
			ex := t.executor(1)
			t.healthy(ex, 1) // so that the executor has a used lane, which a caller may borrow
			k, used := actKernel, make(chan error, 1)
			call := sync.OnceFunc(func() { used <- usesOfExecutor[name](ex) })
			if encoding {
				k.In.Append = func(dst []byte, a act) ([]byte, error) { call(); return actKernel.In.Append(dst, a) }
			} else {
				k.Out.Decode = func(src []byte) (done, error) { call(); return actKernel.Out.Decode(src) }
			}
			switch e {
			case asMap:
				k.Map(background, ex, plain(1), strategies.Options{})
			case inOrder:
				k.Drain(background, ex, slices.Values(plain(1)), strategies.Options{})
			default:
				k.Go(background, ex, act{}, strategies.Options{}).Wait(background)
			}
			t.is(fmt.Sprintf("%s called by a codec (encoding: %v) of a %s", name, encoding, e), <-used, strategies.ErrNested)
		}
	}
}

func codecsExit(t *testCase) {
	ex := t.executor(2)
	acts := plain(20)
	acts[3].Do, acts[11].Do = doDecodeInput+byGoexit, doEncodeOutput+byGoexit
	for _, e := range turns(t, allEntries...) {
		for i, o := range outcomes(t, ex, actKernel, acts, strategies.Options{}, e) {
			if acts[i].Do == "" {
				t.succeeded("a task whose codec succeeds, in a job with codecs that end their goroutine", i, o)
				continue
			}
			c, ok := errors.AsType[*strategies.CodecError](o.err)
			t.check(ok && c.Kernel == actKernel.Name, "%s: a task that should %s: got %s, want a CodecError", e, acts[i].Do, o)
		}
	}
	t.healthy(ex, 2)
}

// An exiting is an error type whose methods call runtime.Goexit.
type exiting struct{}

func (exiting) Error() string { runtime.Goexit(); return "" }
func (exiting) Unwrap() error { runtime.Goexit(); return nil }

// exitingFailures are the failures with an error of type exiting, for worker processes only.
var exitingFailures = []failure{
	returns("return an error whose methods call runtime.Goexit", exiting{}, "Goexit", "strategiestest.exiting"),
	panics("panic with an error whose methods call runtime.Goexit", exiting{}, "Goexit"),
}

func errorsExit(t *testCase) {
	ex := t.executor(2)
	for _, f := range exitingFailures {
		for _, e := range turns(t, allEntries...) {
			t.someFail(ex, plain(10), all(f.do, 3, 8), chunked(4), e, func(_ int, o outcome[done]) { f.check(t, o.err) })
		}
	}
	t.healthy(ex, 2)
}

func futureHooksFail(t *testCase) {
	ex := t.executor(2)
	for name, end := range waysToEnd {
		o := strategies.Options{Hooks: &strategies.Hooks{
			Result: func(strategies.Event) { end() }, Error: func(strategies.Event) { end() },
		}}
		for _, do := range []deed{"", doError} {
			fs := start(background, ex, actKernel, []act{{Do: do}}, o)
			_, err := fs[0].Wait(background)
			_, hook := errors.AsType[*strategies.HookError](err)
			_, task := errors.AsType[*strategies.TaskError](err)
			t.check(hook && task == (do == doError), "a future whose hook ends by %s: got error %v, want a HookError, and a TaskError if the task fails", name, err)
			e := t.failedJob(func() error { _, err := strategies.WaitAll(background, fs); return err }())
			first := slices.Collect(e.Failures())[0]
			_, hook = errors.AsType[*strategies.HookError](error(first))
			t.check(hook && first.Task == 0 && (first.Attempt == 1) == task, "error of WaitAll for a future whose hook fails: got failure %v, want a HookError of task 0 (attempt 1 if the task failed)", first)
		}
	}
	t.healthy(ex, 2)
}

func contextsPanic(t *testCase) {
	const workers = 2
	ex := t.executor(workers)
	for _, method := range []string{"Done", "Err", "Value", "AfterFunc"} {
		ctx := brokenContext{background, method, make(chan struct{})}
		for _, busy := range turns(t, true, false) {
			g := t.gate()
			if busy { // keep all workers busy, so that the future is queued
				startActs(ex, g.waiters(0, t.workers(workers)))
				g.arrived(t.workers(workers))
			}
			var futures []*strategies.Future[done]
			for _, o := range []strategies.Options{{}, hooked()} {
				for _, call := range []func(){
					func() { futures = append(futures, actKernel.Go(ctx, ex, act{}, o)) },
					func() { actKernel.Map(ctx, ex, nil, o) },
					func() {
						for range actKernel.Stream(ctx, ex, slices.Values([]act(nil)), o) {
						}
					},
				} {
					func() {
						defer func() {
							if p := recover(); p != nil && p != errAct {
								panic(p)
							}
						}()
						call()
					}()
				}
			}
			g.open()
			for _, f := range futures {
				_, err := f.Wait(background)
				t.check(err == nil || method == "Value", "a future whose context panics in %s: got error %v, want no error", method, err)
			}
			t.healthy(ex, workers)
		}
	}
	until(func() bool {
		c := ex.Counts()
		return c.Succeeded+c.Failed+c.Cancelled == c.Submitted
	})
}
