package inproc

import (
	"runtime"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A Peer is a pool with a submit function, of this or another library, to be used as an
// executor. It adds the outcomes, order and window of a job, recall and worker numbers, and
// nothing else that the pool lacks: each chunk is one submission, of its own tasks, in the
// order of the job.
//
// A submission costs one atomic claim, two for the worker's number, and no allocation
// once as many chunks exist as ever wait at the same time.
type Peer struct {
	Name string
	// Workers is the number of chunks that the pool runs at once; for one without a bound,
	// the number worth running. 0 means GOMAXPROCS.
	Workers int
	// Submit passes run to the pool, which calls it once on some goroutine, not the
	// caller's. It may wait for room: run then does nothing if the job was cancelled
	// meanwhile. An error says that the pool will not call run; the chunk's tasks fail
	// with it. A job's own goroutine calls it, so Submit is called by several at once only
	// for several jobs.
	Submit func(run func()) error
	// Close ends the pool, once. By then all submitted functions have run, or would do
	// nothing. Nil means that there is nothing to end.
	Close func()
}

// Executor returns an executor over the pool. A task cannot wait for a job of the same
// executor: the answer is [work.ErrNested].
func (p Peer) Executor() work.Executor {
	if p.Workers < 1 {
		p.Workers = runtime.GOMAXPROCS(0)
	}
	d := newDispatcher(p.Name, p.Workers)
	d.hand = func(c *parcel) error {
		if c.call == nil {
			c.call = func() {
				at := d.desks.take()
				defer d.desks.put(at) // a task may end the goroutine
				c.run(at)
			}
		}
		return p.Submit(c.call)
	}
	d.end = func() {
		if p.Close != nil {
			p.Close()
		}
	}
	return d
}
