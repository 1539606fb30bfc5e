//go:build unix

package lane

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/procs/internal/poll"
	"github.com/payoff-bench/payoff/strategies/procs/internal/process"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A lane is the goroutine that owns one worker process. The fields belong to the goroutine
// that holds mu, but for those of signals.
type lane struct {
	mu     sync.Mutex // held by the lane's goroutine, unless that waits for the worker and a caller has borrowed the lane
	pool   *Pool
	w      int
	poller *poll.Poller
	signals

	life       life
	worker     *worker // nil while it is gone
	generation int     // of the worker, or of the next one
	starts     starts

	turn   int // in the round of the jobs
	held   run // claimed and not sent yet; lo up to hi
	flight flight
	outbox outbox
	inbox  inbox
	rest   rest
}

// signals are the parts of a lane that other goroutines read and write.
type signals struct {
	pid     atomic.Int32 // of the worker, 0 while there is none that is able
	lasting atomic.Bool  // the worker is not able any more, and still has a task
	looking atomic.Bool  // it was roused, and has found nothing yet
	load    atomic.Int64 // ns of work that is prefetched behind a task, for lanes that have none
	asked   atomic.Bool  // one of those wants some of it
}

// A worker is the process of a lane, and how far it and the lane are with its tasks.
type worker struct {
	*process.Process
	id *work.Worker

	epoch    uint16 // that its page was last set to
	finished uint32 // outcomes received, modulo wire.Tasks
	outcomes int    // outcomes received
	settled  int    // of these, the ones that dispatch has done with
	early    int    // of these, the ones that are still to come through the channel
	peekedAt int    // outcomes when its page was last searched for some; -1 if it was not
	spoilt   bool   // it has sent nonsense: nothing behind that is believed

	seen   seen
	ending ending
}

func newLane(p *Pool, w int) (*lane, error) {
	poller, err := poll.New()
	if err != nil {
		return nil, err
	}
	l := &lane{pool: p, w: w, poller: poller}
	l.mu.Lock() // for its goroutine
	return l, nil
}

// identity returns the process as a worker of this lane.
func (l *lane) identity() *work.Worker {
	return &work.Worker{Name: fmt.Sprintf("w%d", l.w), PID: l.worker.PID(), Generation: l.generation}
}

// by returns the worker to which an outcome is due.
func (l *lane) by() work.By { return work.By{Worker: l.w, Process: l.worker.id} }

// move moves the worker's life on.
func (l *lane) move(e event) { l.life = l.life.on(e) }

// takes reports whether the worker may be sent tasks.
func (l *lane) takes() bool { return l.life.able() && !l.worker.ending.due }

// run is the lane's goroutine; when a codec ends it, another takes its place.
func (l *lane) run() {
	ended := false
	defer func() {
		if !ended {
			go l.run()
			return
		}
		l.poller.Close()
		l.mu.Unlock()
		l.pool.running.Done()
	}()
	for l.round() {
	}
	ended = true
}

// round does what can be done and then waits for more. It returns false when the lane has
// ended.
func (l *lane) round() (more bool) {
	l.hear()
	if l.life == gone && l.wanted() {
		l.launch()
	}
	if l.asked.Load() && l.asked.Swap(false) && l.flight.tasks > 1 && l.takes() {
		l.split()
	}
	l.fill()
	l.end()
	if l.life == gone || l.life == starting || l.life == lost {
		return l.waitAlone()
	}
	lending := len(l.outbox.lent) > 0
	l.write()
	if l.life == lost || lending && !l.outbox.unsent() || l.read(0) {
		return true
	}
	l.wait()
	return true
}
