package strategiestest

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var jobRules = []rule{
	{"many jobs", `Concurrent jobs on one executor do not affect each other. Together they run at most one task per worker at a time.`, nil, manyJobs},
	{"all workers", `No worker is idle while a task waits, whether the tasks belong to one map, to several maps or to a slow stream.`, needs{parallel}, allWorkers},
	{"many tasks", `An executor with many workers runs 100,000 tasks.`, nil, large},
	{"counts", `While the counts of an executor do not change, submitted = succeeded + failed +
cancelled + queued + running. This holds after every way in which maps, streams and futures can end.`, nil, counts},
}

func manyJobs(t *testCase) {
	workers := t.workers(3)
	ex := t.executor(workers)
	var running, most atomic.Int64
	k := actsBy(func(ctx context.Context, a act) (done, error) {
		now := running.Add(1)
		defer running.Add(-1)
		for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
		}
		runtime.Gosched() // a task beyond the limit, which the case would count, can start now
		return perform(ctx, a)
	})
	const jobs, n = 16, 300
	failures := t.failures()
	var mu sync.Mutex
	pids := map[int]bool{}
	var wg sync.WaitGroup
	for j := range jobs {
		wg.Go(func() {
			acts := plain(n)
			bad := j * n / jobs
			acts[bad].Do = failures[j%len(failures)].do
			o := strategies.Options{Chunk: chunk.Fixed(1 + j%5), Window: 16}
			for i, o := range outcomes(t, ex, k, acts, o, jobEntries[j%len(jobEntries)]) {
				if i == bad {
					t.check(o.err != nil, "job %d: task %d succeeded, want a failure", j, i)
					continue
				}
				t.succeeded(fmt.Sprint("job ", j), i, o)
				mu.Lock()
				pids[o.value.PID] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	t.check(most.Load() <= int64(workers) || t.can().Unbounded, "%d tasks ran at the same time on only %d workers", most.Load(), workers)
	t.check(len(pids) <= workers || t.can().Shared, "%d processes ran tasks, but the executor has only %d workers", len(pids), workers)
}

func allWorkers(t *testCase) {
	const workers = 4
	ex := t.executor(workers)
	begin := func(g *gate, lo, n int) *mapCall[done] {
		return mapping(background, ex, actKernel, g.waiters(lo, n), strategies.Options{})
	}
	end := func(g *gate, maps ...*mapCall[done]) {
		g.arrived(workers)
		g.open()
		for _, m := range maps {
			t.ok(m.wait())
		}
	}
	for range 5 {
		g := t.gate()
		end(g, begin(g, 0, workers))

		g = t.gate()
		first := begin(g, 0, 1)
		g.arrived(1)
		end(g, first, begin(g, 1, workers-1))

		g = t.gate()
		end(g, begin(g, 0, workers), begin(g, workers, workers))

		for _, order := range orders {
			g = t.gate()
			slow := endless(t, new(atomic.Int64), func(i int) act {
				g.arrived(min(i, workers)) // makes an input only when the previous task runs
				if i >= workers {
					g.open()
				}
				return g.waiters(i, 1)[0]
			})
			for range t.first(stream(ex, slow, strategies.Options{Order: order}), 2*workers) {
			}
		}
	}
}

func large(t *testCase) {
	workers := t.workers(200)
	if t.can().Processes {
		workers = 20
	}
	ex := t.executor(workers)
	const n = 100_000
	for _, e := range []entry{asMap, inOrder} {
		in := make([][]byte, n)
		for i := range in {
			in[i] = binary.LittleEndian.AppendUint64(nil, uint64(i)<<8)
		}
		for i, o := range outcomes(t, ex, bytesKernel, in, chunked(50), e) {
			if o.err != nil || binary.LittleEndian.Uint64(o.value) != uint64(i)<<8+1 {
				t.Fatalf("%s: task %d of %d: got %s, want its own output", e, i, n, o)
			}
		}
	}
}

// counted reports a failure unless the executor has the counts c. In the argument c, Running counts
// running and queued tasks together, because a case does not know how many of them run. The failure
// message contains subject.
func (t *testCase) counted(ex strategies.Executor, subject string, c strategies.Counts) {
	t.Helper()
	got := ex.Counts()
	workers := int64(ex.Core().Workers)
	t.check(got.Running >= min(workers, c.Running) && (got.Running <= workers || t.can().Unbounded || t.can().Resumes),
		"%s: %d tasks run on %d workers while %d tasks have no outcome; want no idle worker, and at most one task per worker", subject, got.Running, workers, c.Running)
	got.Running, got.Queued = got.Running+got.Queued, 0
	want(t, "counts "+subject, got, c)
}

// add adds to c the given numbers of tasks, which have all ended. It adds their sum to c.Submitted.
func add(c *strategies.Counts, succeeded, failed, cancelled int) {
	c.Submitted += int64(succeeded + failed + cancelled)
	c.Succeeded += int64(succeeded)
	c.Failed += int64(failed)
	c.Cancelled += int64(cancelled)
}

func counts(t *testCase) {
	workers := t.workers(2)
	ex := t.executor(workers)
	var c strategies.Counts
	t.counted(ex, "before all", c)

	const n = 100
	acts := t.mixed(n)
	bad := failing(acts)
	for size, e := range cross([]int{1, 7}, allEntries) {
		o := chunked(size)
		o.Window = 10
		outcomes(t, ex, actKernel, acts, o, e)
		add(&c, n-bad, bad, 0)
		t.counted(ex, "after a job as "+string(e), c)
	}

	// holding compares the counts of the executor with c while the given number of further tasks
	// have no outcome.
	holding := func(subject string, tasks int64) {
		held := c
		held.Submitted, held.Running = c.Submitted+tasks, tasks
		t.counted(ex, subject, held)
	}
	g := t.gate()
	ctx, cancel := context.WithCancelCause(background)
	m := mapping(ctx, ex, actKernel, g.waiters(0, n), strategies.Options{})
	g.arrived(workers)
	holding("while a map waits at the gate", n)
	cancel(errAct)
	if t.can().Processes {
		g.open() // the end of the context does not reach tasks in worker processes
	}
	e := t.failedJob(m.wait())
	add(&c, n-e.Failed-e.Skipped, e.Failed, e.Skipped)
	t.counted(ex, "after a map that was cancelled", c)

	for _, order := range orders {
		var pulled atomic.Int64
		o := strategies.Options{Order: order, Window: 10}
		for range t.first(stream(ex, endless(t, &pulled, plainAct), o), n) {
		}
		got := ex.Counts()
		want(t, "tasks that a stream submitted before its consumer stopped", got.Submitted-c.Submitted, pulled.Load())
		t.check(got.Succeeded-c.Succeeded >= n && got.Succeeded+got.Failed+got.Cancelled == got.Submitted && got.Running == 0,
			"after a stream whose consumer stopped early: the counts %+v have the wrong sum, running tasks or too few successes", got)
		c = got
	}
	for range actKernel.Stream(cancelled, ex, slices.Values(plain(n)), strategies.Options{}) {
	}
	c = ex.Counts()
	want(t, "tasks with an outcome after a stream with a cancelled context", c.Succeeded+c.Failed+c.Cancelled, c.Submitted)

	g = t.gate()
	fs := startActs(ex, g.waiters(0, workers))
	g.arrived(workers)
	for _, f := range startActs(ex, g.waiters(workers, 5)) {
		f.Cancel()
		f.Wait(background)
	}
	ran := 0
	if t.can().Unbounded { // the tasks of the cancelled futures may have started
		ran = int(ex.Counts().Failed - c.Failed)
	}
	add(&c, 0, ran, 5-ran)
	holding("while some futures wait at the gate and five others were cancelled", int64(workers))
	g.open()
	_, err := strategies.WaitAll(background, fs)
	t.ok(err)
	add(&c, workers, 0, 0)
	t.counted(ex, "after all futures have ended", c)
	t.ok(ex.Close())
	t.closed(ex, plain(3))
	t.counted(ex, "after Close", c)
}
