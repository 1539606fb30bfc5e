package inproc

import (
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A Peer turns a pool of another library into an executor. The pool must offer only a submit
// function, which queues a function for the pool's workers. The executor does the rest: it records
// outcomes, delivers them in order, keeps to the window, numbers the workers, and takes chunks of
// cancelled jobs back. It submits each chunk once, in the order of the job; the pool decides where
// and when the chunk runs.
//
// A submission costs one atomic operation to claim the chunk, and two to get and return a worker
// number. It allocates memory only when the number of waiting chunks reaches a new maximum.
type Peer struct {
	Name string
	// Workers is the number of chunks that the pool runs at the same time. For a pool without such
	// a bound, choose the number that uses the cores best. 0 means GOMAXPROCS.
	Workers int
	// Submit passes run to the pool, which calls run once, on a goroutine other than the caller's.
	// Submit may wait for room in the pool; if the job is cancelled during the wait, run does
	// nothing. If Submit returns an error, the pool must not call run, and the tasks of the chunk
	// fail with that error. Each job calls Submit on one goroutine, so calls overlap only if
	// several jobs run.
	Submit func(run func()) error
	// LosesGoexit says that a run that calls [runtime.Goexit] ends a worker of the pool, which the
	// pool does not replace. If this has happened, Close and Stop of the executor do not wait until
	// the pool has ended, and return an error that wraps [work.ErrGoexit]. If no worker is left,
	// all jobs fail with such an error.
	LosesGoexit bool
	// Unbounded says that Submit never waits, and that the pool starts run at once.
	Unbounded bool
	// StrandsGoexit says that a run that calls Goexit may leave another run waiting until the next
	// call of Submit. The executor then calls Submit with a function that does nothing.
	StrandsGoexit bool
	// Close ends the pool. It is called once, when every submitted function has run or has nothing
	// to do. Close is nil if the pool needs no end.
	Close func()
}

// poolGrace is how long Stop still waits for the end of a pool when the context of Stop and all
// jobs have ended. It is bounded, because a pool that never ends must not make Stop wait forever.
const poolGrace = time.Second

// Executor returns an executor that uses the pool. If a task starts a job on the same executor, the
// error is [work.ErrNested].
func (p Peer) Executor() work.Executor {
	if p.Workers < 1 {
		p.Workers = runtime.GOMAXPROCS(0)
	}
	d := newDispatcher(p.Name, p.Workers)
	if p.LosesGoexit {
		d.broken = make(chan struct{})
		d.core.Balances = false // tasks would wait forever for a worker that was lost
	}
	d.hand = func(c *parcel) error {
		if c.call == nil {
			c.call = func() {
				pprof.SetGoroutineLabels(c.lease.ctx)
				at, returned := d.desks.take(), false
				defer func() { // a task may end the goroutine
					d.desks.put(at)
					if !returned && d.broken != nil {
						d.lose()
					}
				}()
				d.core.Task(at.w, func() { c.run(at) })
				returned = true
			}
		}
		return p.Submit(c.call)
	}
	d.core.Unbounded = p.Unbounded
	if p.StrandsGoexit {
		d.revive = func() { p.Submit(func() {}) }
	}
	d.end, d.grace = p.Close, poolGrace
	return d
}
