package inproc

import (
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A dealing gives every task to one worker as soon as it is taken from the job. No worker
// takes another's; the goroutine that waits for a cancelled job skips them all.
type dealing struct {
	own  []work.Range // each worker claims from one
	rest []spans      // by worker: its tasks that are not in its range yet
}

func newDealing(workers int) dealing {
	return dealing{own: make([]work.Range, workers), rest: make([]spans, workers)}
}

// fill is [sharing.fill]; deal gives the tasks of a span to workers, by d.give.
func (d *dealing) fill(l *crewLease, w int, deal func(l *crewLease, s work.Span, w int)) *work.Range {
	if w == work.Outside {
		for v := range d.own {
			if r := d.fill(l, v, deal); r != nil {
				return r
			}
		}
		return nil
	}
	r := &d.own[w]
	if r.Len() > 0 {
		return r
	}
	for d.rest[w].empty() {
		s := l.take()
		if s.Len() == 0 {
			return nil
		}
		deal(l, s, w)
	}
	r.Set(d.rest[w].cut(l.ration))
	return r
}

// give makes s the tasks of worker w, behind those that it has.
func (d *dealing) give(l *crewLease, w int, s work.Span) {
	if s.Len() > 0 {
		d.rest[w].push(s)
		l.dealt = append(l.dealt, w)
	}
}

func (d *dealing) recall(*crewLease) {
	for w := range d.own {
		d.rest[w].unshift(d.own[w].Clear())
	}
}

func (d *dealing) left() bool {
	for w := range d.own {
		if d.own[w].Len() > 0 || !d.rest[w].empty() {
			return true
		}
	}
	return false
}

// spans is a queue of spans.
type spans struct {
	queue []work.Span
	head  int
}

func (q *spans) empty() bool { return q.head == len(q.queue) }

func (q *spans) push(s work.Span) {
	if q.empty() {
		q.queue, q.head = q.queue[:0], 0
	} else if last := &q.queue[len(q.queue)-1]; last.Hi == s.Lo {
		last.Hi = s.Hi
		return
	}
	q.queue = append(q.queue, s)
}

// unshift puts s in front.
func (q *spans) unshift(s work.Span) {
	switch {
	case s.Len() == 0:
	case q.head > 0:
		q.head--
		q.queue[q.head] = s
	default:
		q.queue = slices.Insert(q.queue, 0, s)
	}
}

// cut takes size tasks of the first span.
func (q *spans) cut(size func(n int) int) work.Span {
	first := &q.queue[q.head]
	s := work.Span{Lo: first.Lo, Hi: first.Lo + size(first.Len())}
	if first.Lo = s.Hi; first.Len() == 0 {
		q.head++
	}
	return s
}

// turns gives workers their turns, over all jobs of an executor, so that jobs with few tasks
// do not all begin with the same worker.
type turns struct{ count atomic.Uint64 }

// next gives the next n turns away and returns the first.
func (t *turns) next(n, workers int) int {
	return int((t.count.Add(uint64(n)) - uint64(n)) % uint64(workers))
}
