//go:build unix

package lane

import (
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// patience is how long a running task of a cancelled job may continue before its worker is ended.
// If the task ends within this time, the process survives.
const patience = 10 * time.Millisecond

// letGo drops the tasks of a cancelled job that have not started. The argument le is the lease of
// the job. If a task of the job is running, the lane gives it 10 ms (the constant patience) to end,
// and then ends the worker.
func (l *lane) letGo(le *lease) {
	if l.held.lease == le {
		le.skip(work.Span{Lo: l.held.lo, Hi: l.held.hi}, l.w)
		l.held = run{}
	}
	if l.life.able() && l.flight.has(le) {
		l.recall()
		if e := &l.worker.ending; e.patience.IsZero() && l.flight.has(le) {
			e.patience = time.Now().Add(patience)
		}
	}
	for s := le.claim(work.MaxTasks); s.Len() > 0; s = le.claim(work.MaxTasks) {
		le.skip(s, l.w)
	}
}

// recall takes back all tasks that the worker has not started, so that any lane can claim them
// again.
func (l *lane) recall() {
	l.takeBack(l.giveBack)
}

// takeBack takes back two kinds of tasks: those that the lane sent and the worker has not started,
// and those that the lane has claimed and not sent. It passes them to the function take.
func (l *lane) takeBack(take func(*lease, work.Span)) {
	state := l.worker.Page.Recall()
	l.worker.epoch = state.Epoch
	before := l.flight.tasks
	l.flight.cut(int(since(l.worker.finished, state.Started)), take)
	if o := &l.outbox; l.flight.tasks < before && len(o.lent) > 0 {
		// The last task lent this memory and is taken back, so its job may end at any time. The
		// frame must still be sent completely; the worker will ignore its content.
		o.out, o.lent = append(o.out, make([]byte, len(o.lent))...), nil
	}
	l.unhold(take)
	if l.flight.tasks == 0 && l.life == busy {
		l.move(ready)
	}
}

// unhold removes the tasks that the lane has claimed and not sent yet, and passes them to the
// function take.
func (l *lane) unhold(take func(*lease, work.Span)) {
	held := l.held
	l.held = run{}
	if held.lo < held.hi {
		take(held.lease, work.Span{Lo: held.lo, Hi: held.hi})
	}
}

// giveBack makes the tasks of the span s, which the worker has not started, claimable again. If the
// job is cancelled, giveBack instead records that these tasks never start.
func (l *lane) giveBack(le *lease, s work.Span) {
	if le.job.Cancelled() != nil {
		le.skip(s, l.w)
		return
	}
	le.giveBack(s)
	l.pool.sleepers.wake()
}

// split gives tasks to another lane, which has no work. It takes back all tasks that the worker has
// not started, but keeps half of the largest span of them.
//
// If split kept nothing, the other lane could claim all of these tasks, and this lane would then
// have to ask for some of them. A chunk as large as a worker's share would move back and forth
// between the two lanes, and be encoded each time.
func (l *lane) split() {
	var back []run
	l.takeBack(func(le *lease, s work.Span) {
		if n := len(back); n > 0 && back[n-1].lease == le && back[n-1].hi == s.Lo {
			back[n-1].hi = s.Hi
		} else {
			back = append(back, run{lease: le, lo: s.Lo, hi: s.Hi})
		}
	})
	if len(back) == 0 {
		return
	}
	most := &back[0]
	for i := range back {
		if back[i].hi-back[i].lo > most.hi-most.lo {
			most = &back[i]
		}
	}
	n := most.hi - most.lo
	l.held = run{lease: most.lease, lo: most.lo, hi: most.lo + n/2, each: most.lease.expected(n)}
	most.lo += n / 2
	for _, r := range back {
		l.giveBack(r.lease, work.Span{Lo: r.lo, Hi: r.hi})
	}
}

// askForWork asks another lane for work; it is called when this lane has none. It chooses the lane
// that has sent the most work in advance. That lane takes back the tasks that its worker has not
// started, so that this lane can claim some of them.
func (l *lane) askForWork() {
	var most *lane
	load := int64(spareLoad)
	for _, other := range l.pool.lanes {
		if n := other.load.Load(); n > load && other != l {
			most, load = other, n
		}
	}
	if most != nil && !most.asked.Swap(true) {
		most.poller.Wake()
	}
}
