package strategiestest

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var jobRules = []rule{
	{"many jobs", `Concurrent jobs on one executor are independent; workers are never more than
the limit.`, 0, manyJobs},
	{"all workers", `No worker idles while tasks wait: of one map, of several jobs, of a stream
whose input comes one by one.`, parallel, allWorkers},
	{"large", `Many workers and 100,000 tasks work.`, 0, large},
}

func manyJobs(t *testCase) {
	workers := t.workers(3)
	ex := t.executor(workers)
	var running, most atomic.Int64
	k := actKernel
	k.Func = func(ctx context.Context, a act) (done, error) { // counts in this process only
		now := running.Add(1)
		defer running.Add(-1)
		for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
		}
		return perform(ctx, a)
	}
	k = resumable(k)
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
					want(t, fmt.Sprintf("job %d: task %d failed", j, i), o.err != nil, true)
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
	t.check(most.Load() <= int64(workers) || t.can().Unbounded, "%d tasks ran at once on %d workers", most.Load(), workers)
	t.check(len(pids) <= workers, "%d processes ran tasks of %d workers", len(pids), workers)
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
				g.arrived(min(i, workers)) // each comes when the task before it runs
				if i >= workers {
					g.open()
				}
				return g.waiters(i, 1)[0]
			})
			t.receive(stream(ex, slow, strategies.Options{Order: order}), func(at int, _ done) bool { return at < 2*workers })
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
				t.Fatalf("%s: task %d of %d: %s", e, i, n, o)
			}
		}
	}
}
