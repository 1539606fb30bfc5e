//go:build unix

package lane

import (
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A run is a span of tasks of one job that are sent in one frame.
type run struct {
	lease *lease
	lo    int // first task whose outcome is not published
	next  int // first task without an outcome
	hi    int
	each  int64 // expected ns per task
	bytes int   // of the frame
}

// A flight is the queue of tasks that were sent to one worker, in the order in which the outcomes
// will come.
type flight struct {
	runs  []run
	head  int
	tasks int           // without an outcome
	bytes int           // of frames with tasks that have no outcome
	load  int64         // expected ns of work in tasks
	limit time.Duration // shortest limit of a task since the flight was empty; 0 if no task has one
}

// push adds a run.
func (f *flight) push(r run) {
	if f.head > len(f.runs)/2 && len(f.runs) == cap(f.runs) {
		n := copy(f.runs, f.runs[f.head:])
		clear(f.runs[n:])
		f.runs, f.head = f.runs[:n], 0
	}
	if f.tasks == 0 {
		f.limit = 0
	}
	if limit := r.lease.terms.Limit; limit > 0 && (f.limit == 0 || limit < f.limit) {
		f.limit = limit
	}
	f.runs = append(f.runs, r)
	f.tasks += r.hi - r.lo
	f.load += r.each * int64(r.hi-r.lo)
	f.bytes += r.bytes
}

// full reports whether no more tasks should be sent. One task may follow a large one, so that one
// travels to the worker while the other comes back.
func (f *flight) full() bool {
	return f.bytes >= prefetchBytes && (len(f.runs)-f.head > 1 || f.bytes >= keepBytes)
}

// first returns the oldest run; there is one if tasks > 0.
func (f *flight) first() *run { return &f.runs[f.head] }

// came records the outcomes of the next n tasks of the oldest run.
func (f *flight) came(r *run, n int) {
	r.next += n
	f.tasks -= n
	f.load -= r.each * int64(n)
}

// pop removes the oldest run, whose outcomes are all published.
func (f *flight) pop() {
	f.bytes -= f.first().bytes
	f.runs[f.head].lease = nil
	f.head++
	f.rewind()
}

// rewind reuses the memory of runs when no run is left.
func (f *flight) rewind() {
	if f.head == len(f.runs) {
		f.runs, f.head = f.runs[:0], 0
	}
}

// cut removes all but the oldest keep tasks and passes the removed ones to take, oldest first.
func (f *flight) cut(keep int, take func(*lease, work.Span)) {
	for i := f.head; i < len(f.runs); i++ {
		r := &f.runs[i]
		k := min(keep, r.hi-r.next)
		keep -= k
		if s := (work.Span{Lo: r.next + k, Hi: r.hi}); s.Len() > 0 {
			f.tasks -= s.Len()
			f.load -= r.each * int64(s.Len())
			take(r.lease, s)
			r.hi = s.Lo
		}
	}
	// Remove runs from the end that are empty and published. A run that is being published stays.
	for len(f.runs) > f.head {
		r := &f.runs[len(f.runs)-1]
		if r.lo < r.hi {
			break
		}
		f.bytes -= r.bytes
		r.lease = nil
		f.runs = f.runs[:len(f.runs)-1]
	}
	f.rewind()
}

// of reports whether a task of le has no outcome.
func (f *flight) of(le *lease) bool {
	return slices.ContainsFunc(f.runs[f.head:], func(r run) bool { return r.lease == le && r.next < r.hi })
}

// at returns the job of the n-th task without an outcome, counted from 0.
func (f *flight) at(n int) *lease {
	for _, r := range f.runs[f.head:] {
		if n -= r.hi - r.next; n < 0 {
			return r.lease
		}
	}
	return nil
}

// since returns how many tasks there are from number a to number b.
func since(a, b uint32) uint32 { return (b - a) % wire.Tasks }
