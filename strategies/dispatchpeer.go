package strategies

import "runtime"

// A Peer is somebody's pool that has a submit function, for those who want it as an
// [Executor]. It adds what a [Job] is (outcomes, order, window), recall and worker
// numbers, and nothing that the pool lacks: each chunk is one submission, of its own
// tasks, in the order of the job.
//
// A submission costs one atomic claim, two for the worker's number, and no allocation
// once as many chunks exist as ever wait at the same time.
type Peer struct {
	Name string
	// Workers is how many chunks the pool runs at once; for one without a bound, how many
	// are worth running. 0 means GOMAXPROCS.
	Workers int
	// Submit passes run to the pool, which calls it once on some goroutine, not the
	// caller's. It may wait for room: run then does nothing if the job was cancelled
	// meanwhile. Its error says that the pool will not call run; the chunk's tasks fail
	// with it. A job's own goroutine calls it, so Submit is called by several at once only
	// for several jobs.
	Submit func(run func()) error
	// Close ends the pool; nothing is submitted any more, and what was has run, or would do
	// nothing. It is called once; nil if there is nothing to end.
	Close func()
}

// Executor returns an executor over the pool. A task cannot wait for a job of the same
// executor, which answers [ErrNested].
func (p Peer) Executor() Executor {
	if p.Workers < 1 {
		p.Workers = runtime.GOMAXPROCS(0)
	}
	if p.Close == nil {
		p.Close = func() {}
	}
	d := newDispatcher(p.Name, p.Workers)
	d.hand = func(c *chunk) error {
		if c.call == nil {
			c.call = func() {
				at := d.desks.take()
				defer d.desks.put(at) // a task may end the goroutine
				c.run(at)
			}
		}
		return p.Submit(c.call)
	}
	d.end = p.Close
	return d
}
