package inproc

import (
	"runtime"
	"runtime/pprof"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A Peer adapts a pool with a submit function, from any library, to an executor. It adds outcomes,
// order, window, recall and worker numbers. Otherwise the pool does the work: the executor submits
// each chunk once, in the order of the job.
//
// A submission costs one atomic claim, plus two for the worker number. It allocates only while the
// number of waiting chunks reaches a new maximum.
type Peer struct {
	Name string
	// Workers is the number of chunks that the pool runs at once. For a pool without a bound it
	// is the number that makes best use of the cores. 0 means GOMAXPROCS.
	Workers int
	// Submit passes run to the pool, which calls it once, on a goroutine other than the
	// caller's. Submit may wait for room in the pool; run then does nothing if the job was
	// cancelled meanwhile. If Submit returns an error, the pool must not call run, and the tasks
	// of the chunk fail with that error. Each job calls Submit on one goroutine, so several calls
	// overlap only for several jobs.
	Submit func(run func()) error
	// Close ends the pool. It is called once, when all submitted functions have run or have
	// nothing to do. It is nil if there is nothing to end.
	Close func()
}

// Executor returns an executor over the pool. A task that starts a job on the same executor gets
// [work.ErrNested].
func (p Peer) Executor() work.Executor {
	if p.Workers < 1 {
		p.Workers = runtime.GOMAXPROCS(0)
	}
	d := newDispatcher(p.Name, p.Workers)
	d.hand = func(c *parcel) error {
		if c.call == nil {
			c.call = func() {
				pprof.SetGoroutineLabels(c.lease.ctx)
				at := d.desks.take()
				defer d.desks.put(at) // a task may end the goroutine
				d.core.Task(func() { c.run(at) })
			}
		}
		return p.Submit(c.call)
	}
	d.end = p.Close
	return d
}
