//go:build unix

package lane

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/procs/internal/poll"
	"github.com/payoff-bench/payoff/strategies/procs/internal/process"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A lane is the goroutine that owns one worker process. The goroutine that holds mu owns every
// field except those of signals.
type lane struct {
	mu     sync.Mutex // held by the lane's goroutine, unless it waits and a caller has borrowed the lane
	pool   *Pool
	w      int // number of the lane
	poller *poll.Poller
	signals

	life       life
	worker     *worker // nil while it is gone
	generation int     // of the worker, or of the next one
	starts     starts

	turn   int // position in the round-robin over jobs
	held   run // tasks lo to hi, claimed and not sent yet
	flight flight
	outbox outbox
	inbox  inbox
	rest   rest
}

// signals are the fields of a lane that other goroutines read and write.
type signals struct {
	pid     atomic.Int32 // of the worker; 0 while no worker can run tasks
	lasting atomic.Bool  // the worker gets no more tasks, but still has one
	looking atomic.Bool  // the lane was woken and has found no work yet
	load    atomic.Int64 // ns of work sent ahead, which lanes without work may ask for
	asked   atomic.Bool  // a lane without work has asked for some of it
}

// A worker is the process of a lane, with the progress of its tasks.
type worker struct {
	*process.Process
	id *work.Worker

	epoch    uint16 // of its page, as last set
	finished uint32 // outcomes received, modulo wire.Tasks
	outcomes int    // outcomes received
	settled  int    // of these, processed by dispatch
	early    int    // of these, still to come through the channel as well
	peekedAt int    // outcomes when the page was last searched for more; -1 if it was not
	spoilt   bool   // it has sent invalid data; later data is ignored

	seenTask uint32    // the task that was last found running
	seenAt   time.Time // when it was first found; a worker that spoils the page cannot extend its limit
	ending   ending
}

// identity returns the identity of the worker.
func (l *lane) identity() *work.Worker {
	return &work.Worker{Name: fmt.Sprintf("w%d", l.w), PID: l.worker.PID(), Generation: l.generation}
}

// by returns the worker that outcomes are attributed to.
func (l *lane) by() work.By { return work.By{Worker: l.w, Process: l.worker.id} }

// move changes the worker's state.
func (l *lane) move(next life) { l.life = l.life.to(next) }

// takes reports whether the worker may be sent tasks.
func (l *lane) takes() bool { return l.life.able() && !l.worker.ending.due }

// run is the lane's goroutine. If a codec ends it, another takes its place.
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

// round does all the work that is possible now and then waits for more. It returns false when the
// lane has ended.
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
