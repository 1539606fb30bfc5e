package strategiestest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var outcomeRules = []rule{
	{"chunks", `The unit of outcome is the task, whatever the chunk. Chunks of 1, 2, 7, n and
n+1 tasks give identical outcomes, including which tasks fail.`, 0, chunks},
	{"once", `Every task of a job is run exactly once if nothing stops it and has exactly one
outcome.`, 0, once},
	{"blame", `An error knows its task's index and, where the worker is a process, the
worker's name, process id and generation.`, 0, blame},
	{"sizes", `Empty input finishes at once. One task, fewer tasks than workers, a short last
chunk, a chunk larger than the input: all plain.`, 0, sizes},
	{"fail fast", `Where asked for, the first failure cancels the siblings' context and nothing
queued starts.`, 0, failFast},
	{"fail fast in this process", `The first failure cancels the siblings' context, and no task
starts behind it.`, inside | bounded, failFastInside},
}

var orders = []strategies.Order{strategies.InputOrder, strategies.CompletionOrder}

// every returns n acts among which are all harmless failures.
func (t *T) every(n int) []Act {
	failures := failuresOf(t.Strategy)
	acts := plain(n)
	for i := range acts {
		if i%3 == 0 {
			acts[i].Do = failures[i/3%len(failures)].do
		}
	}
	return acts
}

func chunks(t *T) {
	ex := t.executor(2)
	n := 100
	if t.turn >= 0 {
		n = 48 // each kind of failure, once
	}
	acts := t.every(n)
	var first []string
	for _, size := range append(turns(t, 2, 7, n, n+1), 1) {
		out, jobErr := t.results(ex, acts, strategies.Options{Chunk: chunk.Fixed(size)})
		words := make([]string, len(acts))
		for i, d := range out {
			words[i] = told(d, taskOf(jobErr, i))
		}
		if first == nil {
			first = words
		}
		t.same(fmt.Sprintf("map with chunk %d", size), words, first)
		for _, order := range orders {
			clear(words)
			n := 0
			o := strategies.Options{Chunk: chunk.Fixed(size), Order: order}
			for d, err := range ActKernel.Stream(context.Background(), ex, slices.Values(acts), o) {
				i := d.Index
				var te *strategies.TaskError
				if errors.As(err, &te) {
					i = te.Task
				}
				if order == strategies.InputOrder && i != n {
					t.Errorf("chunk %d: task %d was delivered at place %d", size, i, n)
				}
				words[i] = told(d, err)
				n++
			}
			want(t, "deliveries", n, len(acts))
			t.same(fmt.Sprintf("stream in %v order with chunk %d", order, size), words, first)
		}
	}
}

// taskOf returns the error of task i in a job's error, which may be nil.
func taskOf(e *strategies.JobError, i int) error {
	if e == nil {
		return nil
	}
	return e.Task(i)
}

// same reports the first difference.
func (t *T) same(what string, got, want []string) {
	t.t.Helper()
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s: outcome %d is %q, was %q", what, i, got[i], want[i])
			return
		}
	}
}

func once(t *T) {
	const n = 100
	ex := t.executor(3)
	for _, size := range []int{1, 7} {
		g := t.gate()
		_, jobErr := t.results(ex, g.markers(0, n), strategies.Options{Chunk: chunk.Fixed(size)})
		if jobErr != nil {
			t.Errorf("chunk %d: %v", size, jobErr)
		}
		want(t, "tasks that ran in a map", g.count(), n)
		for _, order := range orders {
			g := t.gate()
			seen := make([]int, n)
			o := strategies.Options{Chunk: chunk.Fixed(size), Order: order, Window: 2 * size}
			for d, err := range ActKernel.Stream(context.Background(), ex, slices.Values(g.markers(0, n)), o) {
				t.ok(err)
				seen[d.Index]++
			}
			want(t, "tasks that ran in a stream", g.count(), n)
			if i := slices.IndexFunc(seen, func(n int) bool { return n != 1 }); i >= 0 {
				t.Errorf("%v order: task %d has %d outcomes", order, i, seen[i])
			}
		}
	}
}

func blame(t *T) {
	ex := t.executor(2)
	acts := plain(50)
	bad := []int{0, 17, 18, 49}
	for _, i := range bad {
		acts[i].Do = Error
	}
	_, jobErr := t.results(ex, acts, strategies.Options{Chunk: chunk.Fixed(3)})
	if jobErr == nil {
		t.Fatalf("no error")
	}
	var failed []int
	for e := range jobErr.Failures() {
		failed = append(failed, e.Task)
		t.checkWorker(e)
	}
	want(t, "tasks that failed", fmt.Sprint(failed), fmt.Sprint(bad))
	if jobErr.Skipped > 0 || jobErr.Cause != nil {
		t.Errorf("tasks did not start: %v", jobErr)
	}
}

// checkWorker reports a failure unless e says which worker it was.
func (t *T) checkWorker(e *strategies.TaskError) {
	t.t.Helper()
	switch w := e.Worker; {
	case !t.processes():
		if w != nil {
			t.Errorf("%v: names a worker process", e)
		}
	case w == nil:
		t.Errorf("%v: names no worker process", e)
	case w.PID <= 0 || !strings.HasPrefix(w.Name, "w"):
		t.Errorf("%v: names worker %+v", e, *w)
	}
}

func sizes(t *T) {
	const workers = 4
	ex := t.executor(workers)
	for _, n := range []int{0, 1, workers - 1, workers, 10, 25} {
		for _, size := range []int{0, 1, 7, n, n + 1, 1000} {
			out, jobErr := t.results(ex, plain(n), strategies.Options{Chunk: chunk.Fixed(size)})
			want(t, "outputs", len(out), n)
			for i, d := range out {
				if jobErr != nil || d.Index != i {
					t.Fatalf("map of %d tasks with chunk %d: output %d is that of %d; %v", n, size, i, d.Index, jobErr)
				}
			}
			for _, order := range orders {
				at := 0
				o := strategies.Options{Chunk: chunk.Fixed(size), Order: order}
				for d, err := range ActKernel.Stream(context.Background(), ex, slices.Values(plain(n)), o) {
					if err != nil || order == strategies.InputOrder && d.Index != at {
						t.Fatalf("stream of %d tasks with chunk %d: delivery %d is that of %d; %v", n, size, at, d.Index, err)
					}
					at++
				}
				want(t, "deliveries", at, n)
			}
		}
	}
}

func failFast(t *T) {
	const n = 20_000
	ex := t.executor(2)
	for _, size := range []int{1, 100} {
		g := t.gate()
		acts := g.markers(0, n)
		acts[5].Do = Error
		_, jobErr := t.results(ex, acts, strategies.Options{Chunk: chunk.Fixed(size), FailFast: true})
		if jobErr == nil {
			t.Fatalf("no error")
		}
		if !errors.Is(jobErr.Cause, jobErr.Task(5)) {
			t.Errorf("the cause is %v, not that task 5 failed", jobErr.Cause)
		}
		ran := g.count()
		skipped := jobErr.Skipped
		// A running one may be cut off with its process, at its mark or before it.
		cut := jobErr.Failed - 1
		within(t, "tasks that ran, failed or never started", ran+1+skipped, n-cut, n)
		if cut > 0 && !t.processes() {
			t.Errorf("%d tasks failed besides: %v", cut, jobErr)
		}
		if skipped == 0 {
			t.Errorf("all %d tasks ran", n)
		}
	}
	for _, order := range orders {
		g := t.gate()
		acts := g.markers(0, n)
		acts[5].Do = Error
		values, failed, others := 0, 0, 0
		for _, err := range ActKernel.Stream(context.Background(), ex, slices.Values(acts), strategies.Options{Order: order, FailFast: true}) {
			var te *strategies.TaskError
			switch {
			case err == nil:
				values++
			case errors.As(err, &te) && te.Task == 5:
				failed++
			default:
				others++
			}
		}
		cut := 0 // as above, one for each worker
		if t.processes() {
			cut = 2
		}
		within(t, "tasks that ran", g.count(), values, values+cut)
		want(t, "failures of task 5", failed, 1)
		if values+failed+others == n {
			t.Errorf("%v order: the whole input was pulled", order)
		}
	}
	t.healthy(ex, 2)
}

func failFastInside(t *T) {
	workers := t.workers(3)
	ex := t.executor(workers)
	var started atomic.Int32
	all := make(chan struct{})
	k := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
		if int(started.Add(1)) == workers {
			close(all)
		}
		strategies.Blocking(ctx, func() { <-all })
		if i == 0 {
			return 0, ErrAct
		}
		untilDone(ctx)
		return 0, context.Cause(ctx)
	}}
	in := make([]int, 1000)
	for i := range in {
		in[i] = i
	}
	_, err := resumable(k).Map(context.Background(), ex, in, strategies.Options{FailFast: true})
	want(t, "tasks that started in a map", int(started.Load()), workers)
	var jobErr *strategies.JobError
	if !errors.As(err, &jobErr) || !errors.Is(jobErr.Task(0), ErrAct) {
		t.Fatalf("map returned %v", err)
	}
	for _, order := range orders {
		started.Store(0)
		all = make(chan struct{})
		for _, err := range resumable(k).Stream(context.Background(), ex, slices.Values(in), strategies.Options{FailFast: true, Order: order}) {
			if !errors.Is(err, ErrAct) {
				t.Errorf("stream delivered %v", err)
			}
		}
		want(t, "tasks that started in a stream", int(started.Load()), workers)
	}
}
