package strategies

import (
	"slices"
	"sync/atomic"
)

// A dealing gives every task to one worker as soon as it is taken from the job. Nobody
// takes another's; who waits for a cancelled job skips them all.
type dealing struct {
	own  []Range // what each worker claims from
	rest []spans // by worker: what is its and not in its range yet
}

func newDealing(workers int) dealing {
	return dealing{own: make([]Range, workers), rest: make([]spans, workers)}
}

// fill is [sharing.fill]; deal says whose the tasks of a span are, with d.give.
func (d *dealing) fill(l *crewLease, w int, deal func(l *crewLease, s Span, w int)) *Range {
	if w == outside {
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
func (d *dealing) give(l *crewLease, w int, s Span) {
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
	queue []Span
	head  int
}

func (q *spans) empty() bool { return q.head == len(q.queue) }

func (q *spans) push(s Span) {
	if q.empty() {
		q.queue, q.head = q.queue[:0], 0
	} else if last := &q.queue[len(q.queue)-1]; last.Hi == s.Lo {
		last.Hi = s.Hi
		return
	}
	q.queue = append(q.queue, s)
}

// unshift puts s in front.
func (q *spans) unshift(s Span) {
	switch {
	case s.Len() == 0:
	case q.head > 0:
		q.head--
		q.queue[q.head] = s
	default:
		q.queue = slices.Insert(q.queue, 0, s)
	}
}

// cut takes what size says of the first span.
func (q *spans) cut(size func(n int) int) Span {
	first := &q.queue[q.head]
	s := Span{first.Lo, first.Lo + size(first.Len())}
	if first.Lo = s.Hi; first.Len() == 0 {
		q.head++
	}
	return s
}

// turns counts whose turn it is, over all jobs of an executor, so that jobs with few tasks
// do not all begin with the same worker.
type turns struct{ count atomic.Uint64 }

// next gives the next n turns away and returns the first.
func (t *turns) next(n, workers int) int {
	return int((t.count.Add(uint64(n)) - uint64(n)) % uint64(workers))
}
