package strategiestest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

var jobRules = []rule{
	{"many jobs", `Concurrent jobs on one executor are independent; workers are never more than
the limit.`, 0, manyJobs},
	{"all workers", `No worker idles while tasks wait: of one map, of several jobs, of a stream
whose input comes one by one.`, parallel, allWorkers},
	{"cancel", `When the context ends, tasks that have not started never run; those that ran keep
their outcomes.`, bounded, cancelMap},
	{"cancel what is queued", `A job whose tasks are queued behind those of others ends when its
context ends, and does not wait for them.`, bounded, cancelQueued},
	{"large", `Many workers and 100,000 tasks work.`, 0, large},
}

func manyJobs(t *T) {
	workers := t.workers(3)
	ex := t.executor(workers)
	var running, most, ran atomic.Int64
	k := ActKernel
	k.Func = func(ctx context.Context, a Act) (Done, error) { // counts where it can
		now := running.Add(1)
		defer running.Add(-1)
		for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
		}
		ran.Add(1)
		return act(ctx, a)
	}
	const jobs, n = 16, 300
	failures := failuresOf(t.Strategy)
	var mu sync.Mutex
	pids := map[int]bool{}
	var wg sync.WaitGroup
	for j := range jobs {
		wg.Go(func() {
			acts := plain(n)
			bad := j * n / jobs
			acts[bad].Do = failures[j%len(failures)].do
			o := strategies.Options{Chunk: chunk.Fixed(1 + j%5), Order: orders[j/2%2], Window: 16}
			values := 0
			see := func(d Done) {
				values++
				mu.Lock()
				pids[d.PID] = true
				mu.Unlock()
			}
			if j%2 == 0 {
				out, jobErr := t.results(ex, acts, o)
				for i, d := range out {
					if err := taskOf(jobErr, i); (err != nil) != (i == bad) || err == nil && d.Index != i {
						t.Errorf("job %d, task %d: %s", j, i, told(d, err))
					}
					if i != bad {
						see(d)
					}
				}
			} else {
				for d, err := range resumable(k).Stream(context.Background(), ex, slices.Values(acts), o) {
					var te *strategies.TaskError
					if err != nil && (!errors.As(err, &te) || te.Task != bad) {
						t.Errorf("job %d: %v", j, err)
					} else if err == nil {
						see(d)
					}
				}
			}
			want(t, fmt.Sprintf("values of job %d", j), values, n-1)
		})
	}
	wg.Wait()
	if most.Load() > int64(workers) && !t.Strategy.Capabilities.Unbounded {
		t.Errorf("%d tasks ran at once on %d workers", most.Load(), workers)
	}
	if len(pids) > workers {
		t.Errorf("%d processes ran tasks of %d workers", len(pids), workers)
	}
}

func allWorkers(t *T) {
	const workers = 4
	ex := t.executor(workers)
	var wg sync.WaitGroup
	run := func(acts []Act, o strategies.Options) {
		wg.Go(func() {
			if _, err := ActKernel.Map(context.Background(), ex, acts, o); err != nil {
				t.Errorf("%v", err)
			}
		})
	}
	for range 5 {
		g := t.gate()
		run(g.waiters(0, workers), strategies.Options{})
		g.arrived(workers)
		g.open()
		wg.Wait()

		g = t.gate()
		run(g.waiters(0, 1), strategies.Options{})
		g.arrived(1)
		run(g.waiters(1, workers-1), strategies.Options{})
		g.arrived(workers)
		g.open()
		wg.Wait()

		g = t.gate()
		for i := range 2 {
			run(g.waiters(i*workers, workers), strategies.Options{})
		}
		g.arrived(workers)
		g.open()
		wg.Wait()

		for _, order := range orders {
			g = t.gate()
			var pulled atomic.Int64
			slow := endless(t, &pulled, func(i int) Act {
				switch {
				case i < workers: // the next comes when this one's predecessor runs
					g.arrived(i)
				default:
					g.arrived(workers)
					g.open()
				}
				return Act{Index: i, Do: Wait, Dir: g.dir}
			})
			n := 0
			for _, err := range ActKernel.Stream(context.Background(), ex, slow, strategies.Options{Order: order}) {
				t.ok(err)
				if n++; n == 2*workers {
					break
				}
			}
		}
	}
}

// A witness is an executor whose jobs can be looked at.
type witness struct {
	strategies.Executor
	job atomic.Pointer[work.Job]
}

func (w *witness) Start(ctx context.Context, j work.Job) (work.Lease, error) {
	w.job.Store(&j)
	return w.Executor.Start(ctx, j)
}

// cancelled reports whether the last job was cancelled.
func (w *witness) cancelled() bool {
	j := w.job.Load()
	return j != nil && (*j).Cancelled() != nil
}

func cancelMap(t *T) {
	workers := t.workers(2)
	ex := &witness{Executor: t.executor(workers)}
	const n = 1000
	for _, size := range []int{1, 10} {
		g := t.gate()
		acts := g.waiters(0, n) // each worker ends up at the gate; wait for the cancel there
		k := ActKernel
		k.Func = func(ctx context.Context, a Act) (Done, error) { // contexts do not reach processes
			return act(context.WithoutCancel(ctx), a)
		}
		ctx, cancel := context.WithCancelCause(context.Background())
		type result struct {
			out []Done
			err error
		}
		mapped := make(chan result)
		go func() {
			out, err := resumable(k).Map(ctx, ex, acts, strategies.Options{Chunk: chunk.Fixed(size)})
			mapped <- result{out, err}
		}()
		g.arrived(workers)
		started := g.count()
		cancel(ErrAct)
		until(ex.cancelled)
		g.open()
		r := <-mapped
		var e *strategies.JobError
		if !errors.As(r.err, &e) || !errors.Is(e.Cause, ErrAct) {
			t.Fatalf("map ended with %v", r.err)
		}
		values := 0
		for i, d := range r.out {
			if err := e.Task(i); err == nil {
				values++
				want(t, "output", d.Index, i)
			}
		}
		if !t.processes() {
			want(t, "tasks that have outputs, of those that ran", values, g.count())
			want(t, "tasks that ran in the end", g.count(), started)
		} else if values > g.count() || g.count() == n {
			// What a worker process has been sent it may start, and what it runs is ended.
			t.Errorf("%d tasks ran, and %d have outputs", g.count(), values)
		}
	}
	t.healthy(ex, workers)
}

func cancelQueued(t *T) {
	workers := t.workers(2)
	ex := t.executor(workers)
	for _, order := range turns(t, orders...) {
		g := t.gate()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := ActKernel.Map(context.Background(), ex, g.waiters(0, 10*workers), strategies.Options{}); err != nil {
				t.Errorf("the job before: %v", err)
			}
		})
		g.arrived(workers)
		ctx, cancel := context.WithCancelCause(context.Background())
		var queued sync.WaitGroup
		queued.Go(func() {
			_, err := ActKernel.Map(ctx, ex, g.markers(1000, 10), strategies.Options{})
			if !errors.Is(err, ErrAct) {
				t.Errorf("map ended with %v", err)
			}
		})
		pulled := make(chan struct{})
		queued.Go(func() {
			acts := func(yield func(Act) bool) {
				if yield(g.markers(2000, 1)[0]) {
					close(pulled)
					slices.Values(g.markers(2001, 10))(yield)
				}
			}
			n := 0
			for _, err := range ActKernel.Stream(ctx, ex, acts, strategies.Options{Order: order, Window: 5}) {
				n++
				if !errors.Is(err, ErrAct) {
					t.Errorf("stream delivered %v", err)
				}
			}
			if n == 0 {
				t.Errorf("stream delivered nothing")
			}
		})
		<-pulled
		cancel(ErrAct)
		queued.Wait()
		want(t, "tasks that ran", g.count(), workers)
		g.open()
		wg.Wait()
	}
}

func large(t *T) {
	workers := t.workers(200)
	if t.processes() {
		workers = 20
	}
	ex := t.executor(workers)
	const n = 100_000
	o := strategies.Options{Chunk: chunk.Fixed(50)}
	out, jobErr := t.results(ex, plain(n), o)
	if jobErr != nil {
		t.Fatalf("%v", jobErr)
	}
	for i, d := range out {
		if d.Index != i {
			t.Fatalf("output %d is that of task %d", i, d.Index)
		}
	}
	at := 0
	for d, err := range ActKernel.Stream(context.Background(), ex, slices.Values(plain(n)), o) {
		if err != nil || d.Index != at {
			t.Fatalf("delivery %d: %s", at, told(d, err))
		}
		at++
	}
	want(t, "deliveries", at, n)
}
