//go:build unix

package lane

import (
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// patience is how long a task whose job is cancelled may go on. One that is over soon does not
// cost a process.
const patience = 10 * time.Millisecond

// letGo lets go of the tasks of a cancelled job that have not started. A task of it that runs
// is given a little time.
func (l *lane) letGo(le *lease) {
	if l.held.lease == le {
		le.skip(work.Span{Lo: l.held.lo, Hi: l.held.hi}, l.w)
		l.held = run{}
	}
	if l.life.able() && l.flight.of(le) {
		l.recall()
		if e := &l.worker.ending; e.patience.IsZero() && l.flight.of(le) {
			e.patience = time.Now().Add(patience)
		}
	}
	le.skipAll(l.w)
}

// recall gives back every task that the worker has not started.
func (l *lane) recall() {
	l.takeBack(l.giveBack)
}

// takeBack passes to take every task that the worker has not started, and what is held.
func (l *lane) takeBack(take func(*lease, work.Span)) {
	state := l.worker.Page.Recall()
	l.worker.epoch = state.Epoch
	before := l.flight.tasks
	l.flight.cut(int(since(l.worker.finished, state.Started)), take)
	if o := &l.outbox; l.flight.tasks < before && len(o.lent) > 0 {
		// The last task has lent it and is gone, and its job may be over any time. The frame
		// has to be sent to its end all the same; the worker will not look at it.
		o.out, o.lent = append(o.out, make([]byte, len(o.lent))...), nil
	}
	l.unhold(take)
	if l.flight.tasks == 0 && l.life == busy {
		l.move(drained)
	}
}

// unhold passes to take the tasks that were claimed and not sent.
func (l *lane) unhold(take func(*lease, work.Span)) {
	held := l.held
	l.held = run{}
	if held.lo < held.hi {
		take(held.lease, work.Span{Lo: held.lo, Hi: held.hi})
	}
}

// giveBack returns tasks that were claimed here and not started.
func (l *lane) giveBack(le *lease, s work.Span) {
	if le.job.Cancelled() != nil {
		le.skip(s, l.w)
		return
	}
	le.giveBack(s)
	l.pool.sleepers.wake()
}

// A portion is tasks of one job.
type portion struct {
	lease *lease
	span  work.Span
}

// split takes back what the worker has not started, for a lane that has nothing, and keeps
// half of the largest portion, as a worker that is stolen from keeps half. If all of it were
// given back, the other lane could take it whole, and this one would ask for it in turn: a
// chunk that is the share of a whole worker would go to and fro and be encoded every time.
func (l *lane) split() {
	var back []portion
	l.takeBack(func(le *lease, s work.Span) {
		if n := len(back); n > 0 && back[n-1].lease == le && back[n-1].span.Hi == s.Lo {
			back[n-1].span.Hi = s.Hi
		} else {
			back = append(back, portion{le, s})
		}
	})
	if len(back) == 0 {
		return
	}
	most := &back[0]
	for i := range back {
		if back[i].span.Len() > most.span.Len() {
			most = &back[i]
		}
	}
	all := most.span
	most.span.Lo += all.Len() / 2
	l.held = run{lease: most.lease, lo: all.Lo, hi: most.span.Lo, each: most.lease.expected(all.Len())}
	for _, p := range back {
		l.giveBack(p.lease, p.span)
	}
}

// askForWork makes the lane with the most work to spare take back what its worker has not
// started, so that this one finds some.
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
