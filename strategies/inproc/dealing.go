package inproc

import (
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A dealing assigns every task to one worker as soon as the task is taken from the job. No worker
// runs tasks of another worker. If the job is cancelled, the goroutine that waits for the job skips
// the tasks of all workers.
type dealing struct {
	own  []work.Range // for each worker, the range from which it claims
	rest []spans      // for each worker, the tasks assigned to it that are not in its range yet
}

func newDealing(workers int) dealing {
	return dealing{own: make([]work.Range, workers), rest: make([]spans, workers)}
}

// fill returns a range of tasks for worker w, or nil if there are none. If w has no tasks, fill
// takes spans from the job and passes each to the function deal. For each task of the span, deal
// must call d.give with a worker, or record that the task has failed.
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

// give assigns the tasks of s to worker w. Worker w runs them after the tasks that it already has.
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

// unshift puts s at the front of the queue.
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

// cut removes tasks from the front of the first span in the queue and returns them. The function
// size receives the length of the span and returns how many tasks to remove.
func (q *spans) cut(size func(n int) int) work.Span {
	first := &q.queue[q.head]
	s := work.Span{Lo: first.Lo, Hi: first.Lo + size(first.Len())}
	if first.Lo = s.Hi; first.Len() == 0 {
		q.head++
	}
	return s
}

// turns chooses workers round robin. All jobs of an executor share one value of type turns, so that
// several jobs with few tasks do not all start with the same worker.
type turns struct{ count atomic.Uint64 }

// next chooses the next n workers, round robin, and returns the number of the first one. The others
// are the n-1 workers that follow it. workers is the number of all workers.
func (t *turns) next(n, workers int) int {
	return int((t.count.Add(uint64(n)) - uint64(n)) % uint64(workers))
}
