//go:build unix

package lane

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/procs/internal/poll"
	"github.com/payoff-bench/payoff/strategies/procs/internal/process"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A Pool runs jobs on worker processes.
type Pool struct {
	config   Config
	starter  *process.Starter
	lanes    []*lane
	lendable bool // whether callers may borrow lanes
	sleepers sleepers
	spinning atomic.Bool // a lane polls while it keeps its thread

	leases  atomic.Pointer[[]*lease] // leases of jobs that are not over; the slice is copied on write
	closed  atomic.Bool              // set when no more jobs are accepted
	stopped atomic.Bool              // set when workers must end
	killing atomic.Bool              // set when workers must be killed
	running sync.WaitGroup           // counts lanes
	active  sync.WaitGroup           // counts lanes of a pool that is not stopped, and lanes with a worker or tasks
	empty   chan struct{}            // closed once closed is set and no lease is left
	ended   chan struct{}            // closed when the lanes have ended

	health   health
	mu       sync.Mutex // guards changes of leases, closed and restarts
	restarts Restarts
}

// New starts the workers and returns when all of them have answered. With the setting OnDemand it
// starts only one worker, which will run the first task. If New fails, it leaves no process behind.
// It returns the cause of ctx if ctx is done first, and otherwise an error that Config.StartError
// has made.
func New(ctx context.Context, c Config) (*Pool, error) {
	p := &Pool{config: c, empty: make(chan struct{}), ended: make(chan struct{})}
	p.lendable = runtime.GOOS == "linux" && c.Recycle == (Recycle{}) && !c.OnDemand
	p.leases.Store(new([]*lease))
	for w := range c.Workers {
		poller, err := poll.New()
		if err != nil {
			for _, l := range p.lanes {
				l.poller.Close()
			}
			return nil, c.StartError(nil, err, "")
		}
		l := &lane{pool: p, w: w, poller: poller}
		l.flight.unpin = l.unpin
		l.mu.Lock() // held for the lane's goroutine
		p.lanes = append(p.lanes, l)
	}
	p.starter = process.NewStarter(c.Process)
	first := p.lanes
	if c.OnDemand {
		first = p.lanes[:1]
	}
	started := make(chan error, len(first))
	for _, l := range first {
		l.starts.first = started
	}
	for _, l := range p.lanes {
		p.running.Add(1)
		p.active.Add(1)
		go l.run()
	}
	for range first {
		var err error
		select {
		case err = <-started:
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		if err != nil {
			now, cancel := context.WithCancel(ctx)
			cancel()
			p.Stop(now)
			return nil, err
		}
	}
	return p, nil
}

// Kernels returns the names of the kernels that the workers serve.
func (p *Pool) Kernels() []string { return p.starter.Kernels() }

// Start begins the work on a job and returns the job's lease. The argument kernel is an index in
// the result of Kernels. If the pool has given up starting workers, Start makes it try once more.
// If the pool is closed, Start returns ErrClosed.
func (p *Pool) Start(ctx context.Context, job work.Job, kernel int) (work.Lease, error) {
	le := newLease(ctx, p, job, uint32(kernel))
	p.mu.Lock()
	if p.closed.Load() {
		p.mu.Unlock()
		return nil, work.ErrClosed
	}
	revived := p.health.broken.Load()
	if revived {
		p.health.era.Add(1)
		p.health.failures.Store(mostFailures - 1) // one more failure is enough to give up again
		p.health.broken.Store(false)
	}
	leases := append(slices.Clone(*p.leases.Load()), le)
	p.leases.Store(&leases)
	p.mu.Unlock()
	if revived {
		p.signal()
	}
	if !p.borrow(le) {
		p.sleepers.wake()
	}
	return le, nil
}

// remove removes le, whose job has ended, from the pool.
func (p *Pool) remove(le *lease) {
	p.mu.Lock()
	defer p.mu.Unlock()
	leases := slices.DeleteFunc(slices.Clone(*p.leases.Load()), func(o *lease) bool { return o == le })
	p.leases.Store(&leases)
	if p.closed.Load() && len(leases) == 0 {
		close(p.empty)
		p.signal()
	}
}

// Close refuses new jobs, finishes the accepted jobs, and ends the workers.
func (p *Pool) Close() {
	p.refuse()
	<-p.ended
}

// lastWait is how long Stop waits for jobs after all workers have ended.
const lastWait = 250 * time.Millisecond

// Stop refuses new jobs, cancels the accepted jobs, and ends the workers. When ctx is done, Stop
// kills the workers, and then waits for the jobs for at most 250 ms (lastWait). After that it
// returns an error, because a job can last for ever, such as a stream whose input blocks.
func (p *Pool) Stop(ctx context.Context) error {
	p.refuse()
	p.stopped.Store(true)
	p.config.Process.Arena.Refuse() // the input of a stream may wait for a buffer
	p.cancel(*p.leases.Load(), work.ErrClosed)
	select {
	case <-p.ended:
		return nil
	case <-ctx.Done():
	}
	p.killing.Store(true)
	p.signal()
	p.active.Wait()
	select {
	case <-p.empty:
		<-p.ended // no job is left; the processes have been killed
		return nil
	case <-time.After(lastWait):
		return fmt.Errorf("all workers have ended, but a job has not; if it is a stream, end its input: %w", context.Cause(ctx))
	}
}

// finish waits until the pool has no lease (no job uses it) and its lanes have ended. Then it frees
// the resources of the pool.
func (p *Pool) finish() {
	<-p.empty
	p.running.Wait()
	p.starter.Close()
	p.config.Process.Arena.Close()
	close(p.ended)
}

func (p *Pool) refuse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed.Swap(true) {
		go p.finish()
		if len(*p.leases.Load()) == 0 {
			close(p.empty)
		}
	}
	p.starter.EndSpares()
	p.signal()
}

// cancel cancels the jobs of the given leases with cause.
func (p *Pool) cancel(leases []*lease, cause error) {
	for _, le := range leases {
		le.job.Cancel(cause)
	}
	p.signal()
}

// giveUp makes the pool stop starting workers until the next call of Start, and fails all queued
// tasks with the error cause. It does nothing in these cases:
//
//   - The function enough returns false.
//   - Some [lane] has a worker.
//   - The argument era, in which the failed process was started, differs from health.era. Since
//     then a new job has made the pool try again, and the next process may succeed.
func (p *Pool) giveUp(era int32, enough func() bool, cause error) {
	p.mu.Lock()
	up := era == p.health.era.Load() && enough() && len(p.PIDs()) == 0
	if up {
		p.health.broken.Store(true)
	}
	leases := *p.leases.Load()
	p.mu.Unlock()
	if up {
		p.cancel(leases, cause)
	}
}

// drained reports whether Close or Stop was called and no job is left.
func (p *Pool) drained() bool { return p.closed.Load() && len(*p.leases.Load()) == 0 }

// over reports whether all workers must end now because the pool is ending.
func (p *Pool) over() bool { return p.stopped.Load() || p.drained() }

// signal wakes every lane, the goroutine that owns one worker process.
func (p *Pool) signal() {
	for _, l := range p.lanes {
		l.poller.Wake()
	}
}

// more reports whether some job has tasks that a [lane] can claim.
func (p *Pool) more() bool {
	for _, le := range *p.leases.Load() {
		if le.claimable() {
			return true
		}
	}
	return false
}

// PIDs returns the process ids of the workers that can run tasks.
func (p *Pool) PIDs() []int {
	var pids []int
	for _, l := range p.lanes {
		if pid := int(l.pid.Load()); pid != 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Busy returns the number of workers that have tasks.
func (p *Pool) Busy() (n int) {
	for _, l := range p.lanes {
		if l.pid.Load() != 0 || l.lasting.Load() {
			n++
		}
	}
	if !p.config.OnDemand { // on demand, every worker has tasks
		n -= p.sleepers.idle.Asleep()
	}
	return max(n, 0)
}

// count increments n, a counter in Restarts.
func (p *Pool) count(n *int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*n++
}

// Restarts returns how many workers were replaced or could not be started since New, by reason.
func (p *Pool) Restarts() Restarts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.restarts
}
