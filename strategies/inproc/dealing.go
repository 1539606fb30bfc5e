package inproc

import (
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A dealing assigns every task to one worker as soon as it is taken from the job. No worker takes
// the tasks of another. The goroutine that waits for a cancelled job skips the tasks of all.
type dealing struct {
	own  []work.Range // by worker: the range that it claims from
	rest []spans      // by worker: its tasks that are not in its range yet
}

func newDealing(workers int) dealing {
	return dealing{own: make([]work.Range, workers), rest: make([]spans, workers)}
}

// fill implements [sharing]. It calls deal for each span taken from the job; deal must assign all
// tasks of the span to workers by d.give, or fail them.
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

// give assigns s to worker w, after the tasks that it already has.
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

// unshift puts s at the front.
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

// cut takes tasks from the front of the first span: as many as size returns for its length.
func (q *spans) cut(size func(n int) int) work.Span {
	first := &q.queue[q.head]
	s := work.Span{Lo: first.Lo, Hi: first.Lo + size(first.Len())}
	if first.Lo = s.Hi; first.Len() == 0 {
		q.head++
	}
	return s
}

// turns hands out workers round robin across all jobs of an executor, so that jobs with few tasks
// do not all start with the same worker.
type turns struct{ count atomic.Uint64 }

// next takes n turns and returns the worker of the first.
func (t *turns) next(n, workers int) int {
	return int((t.count.Add(uint64(n)) - uint64(n)) % uint64(workers))
}
