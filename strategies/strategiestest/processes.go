package strategiestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var processRules = []rule{
	{"loss", `A worker that is killed, exits with any code (0 included), crashes or is stopped
loses only the task it was running. Tasks it had finished keep their results; tasks
it had been handed but not started run elsewhere, once. The error says process id,
exit code or signal, and the last lines of standard error. The pool heals itself.`, processes, loss},
	{"loss in a stream", `So in a stream, in both orders.`, processes, streamLoss},
	{"limit", `A task over its limit fails alone, by a TimeoutError, even if it ignores signals or
left a process that holds its pipes; its worker is killed, and the next task runs on
a new one. The limit counts from the task's own start, also inside a chunk.`, processes | limits, limit},
	{"retries", `A task that may have started on a worker that was lost runs again as often as
Retries says and no more; the attempt is known. Nobody else runs twice.`, processes | retries, retry},
	{"cancel while it runs", `Cancelling a running task frees its worker, by replacing it if need be. What was
prefetched behind it never runs.`, processes, cancelRunning},
	{"payloads", `Payloads of 100 MB pass in both directions at once on all workers.`, processes, payloads},
}

// losses are the ways in which a worker process ends and what the error then says.
var losses = []struct {
	do   Deed
	says []string
}{
	{Exit0, []string{"exit status 0"}},
	{Exit3, []string{"exit status 3", "these are my last words"}},
	{Kill, []string{"killed"}},
	{Stop, []string{"stopped"}},
	{Crash, []string{"exit status 2", "boom far away"}},
}

func (t *T) checkLoss(says []string, err error) {
	t.t.Helper()
	var te *strategies.TaskError
	var le *strategies.LostError
	if !errors.As(err, &te) || !errors.As(err, &le) {
		t.Errorf("a task lost with its worker has outcome %v", err)
		return
	}
	t.checkWorker(te)
	if te.Worker != nil {
		says = append(says, fmt.Sprint(te.Worker.PID))
	}
	for _, s := range says {
		if !strings.Contains(te.Error(), s) {
			t.Errorf("the error %q does not say %q", te, s)
		}
	}
}

func loss(t *T) {
	const workers, n = 2, 200
	for _, l := range turns(t, losses...) {
		ex := t.executor(workers)
		for _, size := range turns(t, 1, 7, n) {
			g := t.gate()
			acts := g.markers(0, n)
			bad := []int{0, 30, 31, n - 1}
			if l.do == Stop {
				bad = bad[1:2] // it takes a while to notice
			}
			for _, i := range bad {
				acts[i].Do = l.do
			}
			out, jobErr := t.results(ex, acts, strategies.Options{Chunk: chunk.Fixed(size)})
			for i, d := range out {
				switch err := taskOf(jobErr, i); {
				case slices.Contains(bad, i):
					t.checkLoss(l.says, err)
				case err != nil || d.Index != i:
					t.Errorf("%s, chunk %d: %s", l.do, size, told(d, err))
				}
			}
			want(t, "tasks that ran beside", g.count(), n-len(bad))
			t.healthy(ex, workers)
		}
	}
}

func streamLoss(t *T) {
	const workers, n = 2, 200
	ex := t.executor(workers)
	for _, order := range turns(t, orders...) {
		for _, size := range turns(t, 1, 8) {
			g := t.gate()
			acts := g.markers(0, n)
			says := map[int][]string{}
			for i := 5; i < n; i += 40 {
				l := losses[i/40%3]
				acts[i].Do = l.do
				says[i] = l.says
			}
			o := strategies.Options{Order: order, Chunk: chunk.Fixed(size), Window: 16}
			seen := make([]int, n)
			for d, err := range ActKernel.Stream(context.Background(), ex, slices.Values(acts), o) {
				var te *strategies.TaskError
				switch {
				case err == nil:
					seen[d.Index]++
				case errors.As(err, &te) && says[te.Task] != nil:
					seen[te.Task]++
					t.checkLoss(says[te.Task], err)
				default:
					t.Errorf("%v order, chunk %d: %v", order, size, err)
				}
			}
			if i := slices.IndexFunc(seen, func(n int) bool { return n != 1 }); i >= 0 {
				t.Errorf("%v order, chunk %d: task %d has %d outcomes", order, size, i, seen[i])
			}
			want(t, "tasks that ran beside", g.count(), n-len(says))
		}
	}
	t.healthy(ex, workers)
}

func limit(t *T) {
	const workers, n = 2, 60
	ex := t.executor(workers)
	for _, c := range turns(t, []struct {
		size int
		do   Deed
		bad  []int
	}{{1, Hang, []int{0, 31}}, {7, Ignore, []int{30, 31}}, {n, Grandchild, []int{31, n - 1}}}...) {
		g := t.gate()
		acts := g.markers(0, n)
		for _, i := range c.bad {
			acts[i].Do = c.do
		}
		// On a busy machine a task that does little may take tens of ms.
		o := strategies.Options{Chunk: chunk.Fixed(c.size), Limit: 300 * time.Millisecond}
		out, jobErr := t.results(ex, acts, o)
		for i, d := range out {
			err := taskOf(jobErr, i)
			var over *strategies.TimeoutError
			var te *strategies.TaskError
			switch {
			case !slices.Contains(c.bad, i):
				if err != nil || d.Index != i {
					t.Errorf("%s, chunk %d: %s", c.do, c.size, told(d, err))
				}
			case !errors.As(err, &over) || !errors.As(err, &te):
				t.Errorf("%s, chunk %d: a task over its limit has outcome %v", c.do, c.size, err)
			default:
				t.checkWorker(te)
				want(t, "limit in the error", over.Limit, o.Limit)
			}
		}
		want(t, "tasks that ran beside", g.count(), n-len(c.bad))
	}
	t.healthy(ex, workers)
	if t.turn >= 0 {
		return
	}
	// A chunk may take longer than the limit of a task.
	acts := make([]Act, 150)
	for i := range acts {
		acts[i] = Act{Index: i, Do: Nap}
	}
	_, jobErr := t.results(ex, acts, strategies.Options{Chunk: chunk.Fixed(150), Limit: 80 * napTime})
	if jobErr != nil {
		t.Errorf("tasks below their limit in one chunk: %v", jobErr)
	}
}

func retry(t *T) {
	const workers, n = 2, 60
	ex := t.executor(workers)
	for _, size := range turns(t, 1, 7, n) {
		for _, retries := range turns(t, 1, 2, 3) {
			g := t.gate()
			acts := g.markers(0, n)
			bad := []int{0, 30, 31, n - 1}
			for _, i := range bad {
				acts[i].Do = DieTwice
			}
			out, jobErr := t.results(ex, acts, strategies.Options{Chunk: chunk.Fixed(size), Retries: retries})
			for i, d := range out {
				err := taskOf(jobErr, i)
				if retries < 2 && slices.Contains(bad, i) {
					t.checkLoss(nil, err)
					var te *strategies.TaskError
					if errors.As(err, &te) {
						want(t, "attempt in the error", te.Attempt, 1+retries)
					}
				} else if err != nil || d.Index != i {
					t.Errorf("%d retries, chunk %d: %s", retries, size, told(d, err))
				}
			}
			want(t, "tasks that ran beside", g.count(), n-len(bad))
		}
	}
	t.healthy(ex, workers)
}

func cancelRunning(t *T) {
	const workers = 2
	ex := t.executor(workers)
	for _, size := range turns(t, 1, 10) {
		g := t.gate()
		ctx, cancel := context.WithCancelCause(context.Background())
		mapped := make(chan error, 1)
		go func() {
			_, err := ActKernel.Map(ctx, ex, g.waiters(0, 100), strategies.Options{Chunk: chunk.Fixed(size)})
			mapped <- err
		}()
		g.arrived(workers)
		cancel(ErrAct)
		err := <-mapped // though nobody opens the gate
		var e *strategies.JobError
		if !errors.As(err, &e) {
			t.Fatalf("map ended with %v", err)
		}
		for i := range 100 {
			if err := e.Task(i); !errors.Is(err, ErrAct) {
				t.Errorf("task %d, chunk %d: %v", i, size, err)
			}
		}
		t.healthy(ex, workers)
		want(t, "tasks that started", g.count(), workers)
	}
}

func payloads(t *T) {
	const workers = 2
	size := 100_000_000
	if t.turn >= 0 {
		size /= 10 // is as much more than any buffer holds
	}
	ex := t.executor(workers)
	in := make([][]byte, workers)
	for i := range in {
		page := make([]byte, 4096)
		for j := range page {
			page[j] = byte(i + j)
		}
		in[i] = bytes.Repeat(page, size/len(page)+1)[:size]
	}
	out, err := BytesKernel.Map(context.Background(), ex, in, strategies.Options{})
	t.ok(err)
	for i, b := range out {
		for j := 0; j < len(b); j += byteStep {
			b[j]--
		}
		if !bytes.Equal(b, in[i]) {
			t.Errorf("output %d is wrong, with %d bytes", i, len(b))
		}
	}
}
