package strategiestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// lossRules are rules for worker processes that end by themselves, or that the executor kills.
var lossRules = []rule{
	{"lost worker", `A worker process may be killed or stopped, crash, or exit with any code, even 0. Then
only its running task fails. Its finished tasks keep their outcomes, and tasks that it had not
started run once on other workers. The error contains the process id, the exit code or signal, and
the last lines of standard error. The executor replaces the worker.`, needs{processes}, loss},
	{"lost worker in a stream", `In streams of both orders, the end of a worker process fails only the running task of that worker.`, needs{processes}, streamLoss},
	{"limit", `If a task exceeds its limit, only this task fails, with a TimeoutError. This holds even if
it ignores signals, or has started a process that holds the pipes of the worker. The executor kills
the worker and starts another. The limit counts from the start of the task, not of its chunk.`, needs{processes, limits}, limit},
	{"retries", `If a worker is lost, a task that may have started on it runs again, at most Retries
times. Its error contains the number of the attempt. No other task runs twice.`, needs{processes, retries}, retry},
	{"cancel while it runs", `If a running task is cancelled, the executor frees the worker of that task or
replaces the worker. Cancelled tasks that have not started never run.`, needs{processes}, cancelRunning},
}

// losses are the ways in which a worker process ends: the deed of the task that ends it, and the
// function that performs this deed. The slice says lists texts that the error of this task must
// contain.
var losses = []struct {
	do   deed
	fail func() error
	says []string
}{
	{"exit 0", func() error { os.Exit(0); return nil }, []string{"exit status 0"}},
	{doExit3, func() error {
		fmt.Fprintln(os.Stderr, "these are my last words")
		os.Exit(3)
		return nil
	}, []string{"exit status 3", "these are my last words"}},
	{doKill, func() error { return signalSelf(syscall.SIGKILL) }, []string{"killed"}},
	{doStop, func() error { return signalSelf(stopSignal) }, []string{"stopped"}},
	{"panic in a goroutine of its own", func() error {
		go panic("boom far away")
		select {}
	}, []string{"exit status 2", "boom far away"}},
}

// lossWorkers is the number of workers in the cases of lossRules.
const lossWorkers = 2

// checkLoss reports a failure unless err is a LostError whose text contains the process id of the
// worker and all strings in says.
func (t *testCase) checkLoss(says []string, err error) {
	t.Helper()
	_, lost := errors.AsType[*strategies.LostError](err)
	t.check(lost, "a task whose worker was lost: got error %v, want a LostError", err)
	if w := t.taskError("a task whose worker was lost", err).Worker; w != nil {
		says = append(slices.Clip(says), fmt.Sprint(w.PID))
	}
	for _, s := range says {
		t.check(strings.Contains(err.Error(), s), "the error of a task whose worker was lost is %q; it should contain %q", err, s)
	}
}

// checkLosses runs n acts by [testCase.someFail], whose comment explains bad and check. It also
// reports a failure unless each task that should succeed runs exactly once.
func (t *testCase) checkLosses(ex strategies.Executor, n int, bad map[int]deed, o strategies.Options, e entry, check func(i int, o outcome[done])) {
	t.Helper()
	g := t.gate()
	t.someFail(ex, g.markers(0, n), bad, o, e, check)
	want(t, "tasks that ran, not counting those that should fail", g.count(), n-len(bad))
}

func loss(t *testCase) {
	const n = 60
	for _, l := range turns(t, losses...) {
		ex := t.executor(lossWorkers)
		for _, size := range turns(t, 1, 7, n) {
			bad := all(l.do, 0, 30, 31, n-1)
			if l.do == doStop {
				bad = all(l.do, 30) // a single loss, because the executor takes a while to notice a stopped process
			}
			t.checkLosses(ex, n, bad, chunked(size), asMap, func(_ int, out outcome[done]) { t.checkLoss(l.says, out.err) })
			t.healthy(ex, lossWorkers)
		}
	}
}

func streamLoss(t *testCase) {
	const n = 100
	ex := t.executor(lossWorkers)
	bad := map[int]deed{}
	for i := 5; i < n; i += 20 {
		bad[i] = losses[i/20%3].do
	}
	for e, size := range cross(turns(t, inOrder, asCompleted), turns(t, 1, 8)) {
		o := chunked(size)
		o.Window = 16
		t.checkLosses(ex, n, bad, o, e, func(i int, out outcome[done]) { t.checkLoss(losses[i/20%3].says, out.err) })
	}
	t.healthy(ex, lossWorkers)
}

func limit(t *testCase) {
	const n = 60
	ex := t.executor(lossWorkers)
	for _, c := range turns(t, []struct {
		size int
		bad  map[int]deed
	}{{1, all(doHang, 0, 31)}, {7, all(doIgnore, 30, 31)}, {n, all(doGrandchild, 31, n-1)}}...) {
		o := chunked(c.size)
		o.Limit = 300 * time.Millisecond // on a busy machine, a short task may take tens of ms
		t.checkLosses(ex, n, c.bad, o, asMap, func(i int, out outcome[done]) {
			e, ok := errors.AsType[*strategies.TimeoutError](t.taskError("a task that exceeds its limit", out.err))
			t.check(ok && e.Limit == o.Limit, "a task that should %s, with a limit: got %s, want a TimeoutError", c.bad[i], out)
		})
	}
	t.healthy(ex, lossWorkers)
	if t.turn >= 0 {
		return
	}
	// A chunk may take longer than the limit, which applies to each task alone.
	acts := t.gate().acts(doNap, 0, 150)
	o := chunked(len(acts))
	o.Limit = 80 * napTime
	t.allSucceed(ex, acts, o, asMap)
}

func retry(t *testCase) {
	const n = 40
	ex := t.executor(lossWorkers)
	for size, retries := range cross(turns(t, 1, 7, n), turns(t, 1, 2, 3)) {
		o := chunked(size)
		o.Retries = retries
		t.checkLosses(ex, n, all(doDieTwice, 0, 20, 21, n-1), o, asMap, func(i int, out outcome[done]) {
			if retries >= 2 {
				t.succeeded(fmt.Sprint(retries, " retries"), i, out)
				return
			}
			t.checkLoss(nil, out.err)
			want(t, "attempt of a task that was lost each time", t.taskError("a task whose worker was lost in each attempt", out.err).Attempt, 1+retries)
		})
	}
	t.healthy(ex, lossWorkers)
}

func cancelRunning(t *testCase) {
	ex := t.executor(lossWorkers)
	for _, size := range turns(t, 1, 10) {
		g := t.gate()
		ctx, cancel := context.WithCancelCause(background)
		m := mapping(ctx, ex, actKernel, g.waiters(0, 100), chunked(size))
		g.arrived(lossWorkers)
		cancel(errAct)
		e := t.failedJob(m.wait()) // ends although the gate stays closed
		for i := range 100 {
			t.is(fmt.Sprintf("error of task %d, chunk %d", i, size), e.Task(i), errAct)
		}
		t.healthy(ex, lossWorkers)
		want(t, "tasks that started", g.count(), lossWorkers)
	}
}
