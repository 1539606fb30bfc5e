//go:build unix

package lane

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/procs/internal/poll"
	"github.com/payoff-bench/payoff/strategies/procs/internal/process"
	"github.com/payoff-bench/payoff/strategies/wire/shared"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A lane owns one worker process. It has a goroutine of its own, and holds the state of this
// goroutine. The goroutine that holds mu owns all fields except those in signals.
type lane struct {
	mu     sync.Mutex // held by the lane's goroutine, except while it waits; a caller that borrows the lane holds it then
	pool   *Pool
	w      int // number of the lane
	poller *poll.Poller
	signals

	life       life
	worker     *worker // nil in state gone
	generation int     // number of earlier processes of this lane
	starts     starts

	turn   int // position in the round-robin order of jobs
	held   run // tasks that the lane has claimed and not sent: slots lo up to hi
	flight flight
	outbox outbox
	inbox  inbox
	rest   rest
	still  bool // the pool is stopped, and the lane has neither a worker nor tasks
}

// signals holds the fields of a lane that other goroutines read and write without its lock.
type signals struct {
	pid     atomic.Int32 // process id of the worker; 0 while no worker can run tasks
	lasting atomic.Bool  // the worker receives no more tasks, but still runs one
	looking atomic.Bool  // the lane was woken and has not found work yet
	load    atomic.Int64 // ns of work sent to the worker in advance, for which idle lanes may ask
	asked   atomic.Bool  // an idle lane has asked for some of this work
}

// A worker is the process that a lane owns, together with counts of the tasks that the process has
// run.
type worker struct {
	*process.Process
	id *work.Worker

	epoch    uint16       // epoch of its page after the last recall
	finished uint32       // number of outcomes received, modulo wire.Tasks
	outcomes int          // number of outcomes received
	settled  int          // number of these outcomes that dispatch has processed
	early    int          // number of these outcomes that will arrive again through the channel
	pins     []shared.Pin // of tasks that have an outcome, but may still run until the process has ended
	peekedAt int          // value of outcomes when the page was last searched for more; -1 if never
	spoilt   bool         // the worker has sent invalid data; later data is ignored

	seenTask uint32    // number of the task that was last found running
	seenAt   time.Time // when it was first found running; a worker that overwrites the page cannot extend its limit
	ending   ending
}

// identity returns the name, process id and generation of the worker, for errors.
func (l *lane) identity() *work.Worker {
	return &work.Worker{Name: fmt.Sprintf("w%d", l.w), PID: l.worker.PID(), Generation: l.generation}
}

// by returns the number of the lane and the identity of its worker, for the outcomes of tasks.
func (l *lane) by() work.By { return work.By{Worker: l.w, Process: l.worker.id} }

// move changes the state (life) of the lane's worker to next.
func (l *lane) move(next life) { l.life = l.life.to(next) }

// takes reports whether the lane may send tasks to the worker. The worker must have answered, and
// the lane must have no reason to end it.
func (l *lane) takes() bool { return l.life.able() && !l.worker.ending.due }

// run is the main function of the lane's goroutine. If a codec or a chunk policy ends it by Goexit,
// a new goroutine continues.
func (l *lane) run() {
	ended := false
	defer func() {
		if !ended {
			l.pool.sleepers.unpark(l) // it may have ended between park and sleep
			go l.run()
			return
		}
		l.beStill()
		l.poller.Close()
		l.mu.Unlock()
		l.pool.running.Done()
	}()
	l.pool.config.Core.Task(0, func() { // a codec that closes the executor must not wait for itself
		for l.round() {
		}
	})
	ended = true
}

// beStill records, once, that the lane of a stopped pool has neither a worker nor tasks. The lane
// then only waits for the end of the pool's jobs.
func (l *lane) beStill() {
	if !l.still {
		l.still = true
		l.pool.active.Done()
	}
}

// round does all work that is possible now, and then waits for more work. It returns false when the
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
