package procs

import (
	"io"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A leaving is how far a worker has come on its way out, and why.
type leaving struct {
	bornAt   time.Time // when it became ready, if age counts
	due      bool      // it is sent nothing any more, and asked to end when it has nothing
	why      *counter  // that counts it, nil if nothing does
	counted  bool      // as lost
	patience time.Time // when a task whose job is cancelled must have ended; zero if there is none
	weighed  time.Time // when its memory was last looked at
	step     step
	endAt    time.Time // when to take the next step
	task     uint32    // the one because of which the worker must end
	verdict  error     // and its outcome; nil if there is none
	atOnce   bool      // the outcome does not wait for the end of the worker
	fault    error     // what it did wrong
}

// A step is what was last done to end a worker.
type step uint8

const (
	inputEnded step = 1 + iota
	terminated
)

// patience is how long a task whose job is cancelled may go on. One that is over soon does
// not cost a process.
const patience = 10 * time.Millisecond

// end moves on the end of the worker, if that is to be.
func (l *lane) end() {
	over := l.x.stopped.Load() || l.x.ending()
	switch {
	case l.life == gone || l.life == lost:
	case over && l.x.killing.Load():
		l.lose(nil)
	case l.life == retiring:
		l.condemn()
	case l.life == starting:
		if over {
			l.lose(nil)
		}
	case l.life.able() && over:
		l.recall()
		l.retire(nil)
	case l.life.able() && !l.leaving.due && l.worn():
		l.leaving.due = true
		l.recall()
	}
	if l.life == ready && l.leaving.due {
		l.retire(l.leaving.why)
	}
}

// worn reports whether the worker is to be recycled.
func (l *lane) worn() bool {
	c, r := &l.x.config.Recycle, &l.x.restarts
	switch e := &l.leaving; {
	case c.Tasks > 0 && l.p.outcomes >= c.Tasks:
		e.why = &r.tasks
	case l.x.config.Start == Chunk && l.p.outcomes > 0 && l.flight.tasks == 0 && l.held.lo == l.held.hi:
		e.why = &r.tasks
	case c.Age > 0 && time.Since(e.bornAt) >= c.Age:
		e.why = &r.age
	case c.Memory > 0 && l.p.outcomes > 0 && l.fat():
		e.why = &r.memory
	default:
		return false
	}
	return true
}

// fat reports whether the worker occupies too much memory. It looks only so often.
func (l *lane) fat() bool {
	now := time.Now()
	if now.Sub(l.leaving.weighed) < weighing {
		return false
	}
	l.leaving.weighed = now
	return resident(l.p.pid) > l.x.config.Recycle.Memory
}

const weighing = 5 * time.Millisecond

// room returns how many tasks the worker may still be sent.
func (l *lane) room(chunk int) int {
	n, room, most := 0, work.MaxTasks, l.x.config.Recycle.Tasks
	if l.p != nil {
		n = l.p.outcomes + l.flight.tasks
	}
	if ahead := l.x.config.Prefetch.Tasks; ahead > 0 {
		room = max(0, ahead-l.flight.tasks) / chunk * chunk
		if l.flight.tasks == 0 {
			room = max(room, chunk)
		}
	}
	switch {
	case l.x.config.Start == Chunk && n > 0:
		return 0
	case l.x.config.Start == Chunk:
		room = chunk
	}
	if most > 0 {
		room = min(room, max(0, most-n))
	}
	return room
}

// retire asks the worker to end by ending its input. What it runs is finished.
func (l *lane) retire(why *counter) {
	l.drop()
	l.poller.dropIn()
	l.p.endInput()
	l.pid.Store(0)
	l.life = l.life.on(asked)
	l.leaving.due = true
	if why != nil {
		why.Add(1)
	}
	l.leaving.step, l.leaving.endAt = inputEnded, time.Now().Add(l.x.config.Grace)
}

// terminate ends the worker because of the task that it runs, which has that outcome.
// It was recalled before.
func (l *lane) terminate(task uint32, verdict error, why *counter) {
	l.retire(why)
	l.leaving.task, l.leaving.verdict = task, verdict
	l.escalate()
}

// condemn gives the task that was over its limit its outcome before the worker has ended,
// behind those that the worker holds or has sent. What it may still send of that task is
// dropped. A cancelled task has to wait: once its job is over, nothing of it runs any more.
func (l *lane) condemn() {
	if !l.leaving.atOnce || l.flight.tasks == 0 {
		return
	}
	if l.verdict() == nil {
		l.fetch()
	}
	if verdict := l.verdict(); verdict != nil {
		r := l.flight.first()
		l.failed(r, verdict)
		l.p.early++
		l.next(r, 1)    // the last of r, since those behind it were recalled
		if l.x.more() { // which ends a job that has no more, as this lane will not ask for long
			l.x.wake()
		}
	}
}

// escalate takes the next step in ending a worker: SIGTERM, then SIGKILL, to all of its
// process group.
func (l *lane) escalate() {
	if l.leaving.step == terminated {
		l.lose(l.leaving.fault)
		return
	}
	l.p.kill(unix.SIGTERM)
	l.leaving.step, l.leaving.endAt = terminated, time.Now().Add(l.x.config.Grace)
}

// bury is called when the process has ended. Results that the worker had not sent come
// from the channel and the page; the task that was running fails or, if it may, runs again;
// those behind it run elsewhere.
func (l *lane) bury() {
	p := l.p
	l.pid.Store(0) // before its outcomes make anybody look
	unexpected := !l.leaving.due && !l.x.stopped.Load() && !l.x.ending()
	if unexpected && !l.leaving.counted {
		l.leaving.counted = true // a codec may end this goroutine, and the next begin here again
		l.x.restarts.lost.Add(1)
	}
	fault := l.leaving.fault
	if !p.spoilt {
		l.drain()
	}
	p.listen()
	state := p.page.State()
	l.salvage(p.page.Results(state))
	loss := &strategies.LostError{Cause: p.cause(), Stderr: p.last.String()}
	if err := l.insane(state); err != nil && (fault == nil || fault == io.EOF) {
		fault = err // and any task that it was sent may have run
	}
	if fault != nil && fault != io.EOF {
		loss.Cause = fault.Error()
	}
	for n := since(p.finished, state.Started); n > 0 && l.flight.tasks > 0; n-- {
		l.blame(loss)
	}
	if len(l.flight.runs) > 0 { // nonsense behind an outcome kept it from being published
		l.publish(l.flight.first())
	}
	l.drop()
	l.flight.cut(0, l.giveBack)
	l.unhold()
	clear(l.back)
	l.back = l.back[:0]
	started := state.Started > 0 || p.outcomes > 0
	l.clear()
	switch {
	case started:
		l.fruitful()
	case unexpected:
		l.fruitless(&StartError{Path: l.x.config.Worker[0], Worker: p.worker, Err: loss}, p.revived)
	}
}

// drain passes on what is left in the channel of a worker that has ended. What makes no
// sense there is lost.
func (l *lane) drain() {
	l.salvaging = false
	if l.dispatch() != nil {
		return
	}
	for {
		n, err := l.p.receive(0)
		if n == 0 || err != nil || l.dispatch() != nil {
			return
		}
	}
}

// salvage passes on the outcomes in b that had not come through the channel.
func (l *lane) salvage(b []byte) {
	l.p.decoder = wire.Decoder{}
	for len(b) > 0 {
		n := copy(l.p.decoder.Space(), b)
		l.p.decoder.Wrote(n)
		b = b[n:]
	}
	l.salvaging = true
	l.dispatch() // what makes no sense there is lost
	l.salvaging = false
}

// blame gives the next task, which was started and has no outcome, what it deserves.
func (l *lane) blame(loss error) {
	r := l.flight.first()
	verdict := l.verdict()
	switch {
	case l.x.stopped.Load():
		verdict = strategies.ErrClosed
	case verdict == nil && r.lease.again(r.next):
		l.publish(r)
		le, s := r.lease, work.Span{Lo: r.next, Hi: r.next + 1}
		r.lo++
		l.next(r, 1)
		l.giveBack(le, s)
		return
	case verdict == nil:
		verdict = loss
	}
	l.failed(r, verdict)
	l.next(r, 1)
	if r.lo < r.next {
		l.publish(r)
	}
}

// verdict returns the outcome of the next task if the worker had to end because of it.
func (l *lane) verdict() error {
	if l.leaving.verdict != nil && l.leaving.task == l.p.finished {
		return l.leaving.verdict
	}
	return nil
}
