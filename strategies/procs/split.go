package procs

import (
	"github.com/payoff-bench/payoff/strategies/work"
)

// A portion is tasks of one job.
type portion struct {
	lease *lease
	span  work.Span
}

// split takes back what the worker has not started, for a lane that has nothing, and keeps
// half of the largest portion, as who is stolen from keeps half. If all of it were given
// back, the other lane could take it whole, and this one would ask for it in turn: a chunk
// that is the share of a whole worker would go to and fro and be encoded every time.
func (l *lane) split() {
	state := l.p.page.Recall()
	l.p.epoch = state.Epoch
	var back []portion
	take := func(le *lease, s work.Span) {
		if n := len(back); n > 0 && back[n-1].lease == le && back[n-1].span.Hi == s.Lo {
			back[n-1].span.Hi = s.Hi
		} else if s.Len() > 0 {
			back = append(back, portion{le, s})
		}
	}
	l.takeBack(state.Started, take)
	held := l.held
	take(held.lease, work.Span{Lo: held.lo, Hi: held.hi})
	l.held = run{}
	if l.flight.tasks == 0 && l.life == busy {
		l.life = l.life.on(drained)
	}
	most := -1
	for i, p := range back {
		if most < 0 || p.span.Len() > back[most].span.Len() {
			most = i
		}
	}
	for i, p := range back {
		if i == most {
			half := p.span.Lo + p.span.Len()/2
			l.held = run{lease: p.lease, lo: p.span.Lo, hi: half, each: p.lease.expected(p.span.Len())}
			p.span.Lo = half
		}
		l.giveBack(p.lease, p.span)
	}
}
