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

// lossRules are about worker processes that end, by themselves or by their executor.
var lossRules = []rule{
	{"loss", `A worker that is killed, exits with any code (0 included), crashes or is stopped
loses only the task it was running. Tasks it had finished keep their results; tasks that
it had and had not started run elsewhere, once. The error has the process id, the exit
code or signal, and the last lines of standard error. The pool heals itself.`, processes, loss},
	{"loss in a stream", `A lost worker loses only the task it was running in a stream too, in both
orders.`, processes, streamLoss},
	{"limit", `A task over its limit fails alone, by a TimeoutError, even if it ignores signals or
left a process that holds its pipes; its worker is killed, and the next task runs on
a new one. The limit counts from the task's own start, also inside a chunk.`, processes | limits, limit},
	{"retries", `A task that may have started on a worker that was lost runs again as often as
Retries says and no more; the error has the attempt. No other task runs twice.`, processes | retries, retry},
	{"cancel while it runs", `Cancelling a running task frees its worker, by replacing it if need be. The
tasks that the worker has and has not started never run.`, processes, cancelRunning},
}

// losses are the ways in which a worker process ends and what the error then says.
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

// lossWorkers is the number of workers of the executors here.
const lossWorkers = 2

// checkLoss reports a failure unless err is that of a task lost with its worker, which names
// the process and has all of says.
func (t *testCase) checkLoss(says []string, err error) {
	t.Helper()
	t.checkWorker(err)
	_, lost := errors.AsType[*strategies.LostError](err)
	t.check(lost, "a task lost with its worker has outcome %v", err)
	if e, _ := errors.AsType[*strategies.TaskError](err); e.Worker != nil {
		says = append(slices.Clip(says), fmt.Sprint(e.Worker.PID))
	}
	for _, s := range says {
		t.check(strings.Contains(err.Error(), s), "the error %q does not say %q", err, s)
	}
}

// checkLosses runs n acts as e, of which those in bad end badly, and calls check with the
// outcome of each of these. It reports a failure unless all others succeed and run once.
func (t *testCase) checkLosses(ex strategies.Executor, n int, bad map[int]deed, o strategies.Options, e entry, check func(i int, o outcome[done])) {
	t.Helper()
	g := t.gate()
	acts := g.markers(0, n)
	for i, do := range bad {
		acts[i].Do = do
	}
	for i, out := range outcomes(t, ex, actKernel, acts, o, e) {
		if bad[i] == "" {
			t.succeeded(fmt.Sprintf("%s, chunk %v, of which some %v", e, o.Chunk, bad), i, out)
			continue
		}
		check(i, out)
	}
	want(t, "siblings that ran", g.count(), n-len(bad))
}

// all returns do for some tasks.
func all(do deed, tasks ...int) map[int]deed {
	bad := map[int]deed{}
	for _, i := range tasks {
		bad[i] = do
	}
	return bad
}

func loss(t *testCase) {
	const n = 60
	for _, l := range turns(t, losses...) {
		ex := t.executor(lossWorkers)
		for _, size := range turns(t, 1, 7, n) {
			bad := all(l.do, 0, 30, 31, n-1)
			if l.do == doStop {
				bad = all(l.do, 30) // it takes a while to notice
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
		o.Limit = 300 * time.Millisecond // on a busy machine a task that does little may take tens of ms
		t.checkLosses(ex, n, c.bad, o, asMap, func(i int, out outcome[done]) {
			t.checkWorker(out.err)
			e, ok := errors.AsType[*strategies.TimeoutError](out.err)
			t.check(ok && e.Limit == o.Limit, "a task over its limit, which should %s: %s", c.bad[i], out)
		})
	}
	t.healthy(ex, lossWorkers)
	if t.turn >= 0 {
		return
	}
	// A chunk may take longer than the limit of a task.
	acts := plain(150)
	for i := range acts {
		acts[i].Do = doNap
	}
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
			e, ok := errors.AsType[*strategies.TaskError](out.err)
			t.check(ok && e.Attempt == 1+retries, "%d retries: %s", retries, out)
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
		e := t.failedJob(m.wait()) // though the gate stays closed
		for i := range 100 {
			t.is(fmt.Sprintf("task %d, chunk %d", i, size), e.Task(i), errAct)
		}
		t.healthy(ex, lossWorkers)
		want(t, "tasks that started", g.count(), lossWorkers)
	}
}
