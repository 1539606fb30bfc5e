//go:build unix

package lane

import (
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/shared"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A run is a span of tasks of one job that is sent to the worker in one frame.
type run struct {
	lease *lease
	lo    int // first task whose outcome is not published
	next  int // first task without an outcome
	hi    int
	each  int64      // expected ns per task
	bytes int        // size of the frame
	pin   shared.Pin // keeps the memory of buffers to which the frame refers
}

// A flight is the queue of the tasks that were sent to one worker and have no outcome, in the order
// in which their outcomes will arrive.
type flight struct {
	runs  []run
	head  int
	tasks int              // number of tasks without an outcome
	bytes int              // size of the frames with tasks that have no outcome
	load  int64            // expected ns of work of the tasks without an outcome
	unpin func(shared.Pin) // called for each run that leaves the flight
	limit time.Duration    // shortest limit of the tasks sent since the flight was last empty; 0 if no task has a limit
}

// push appends r to the flight. The tasks of r are those of a frame that is about to be sent.
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

// full reports whether no more tasks should be sent to the worker now. While a single large task is
// in flight, a second one may follow: its input can travel to the worker while the output of the
// first returns.
func (f *flight) full() bool {
	return f.bytes >= prefetchBytes && (len(f.runs)-f.head > 1 || f.bytes >= keepBytes)
}

// first returns the oldest run (the tasks of one frame) in the flight. The flight must not be
// empty.
func (f *flight) first() *run { return &f.runs[f.head] }

// advance records that the next n tasks of r have outcomes. The run r (the tasks of one frame) must
// be the oldest in the flight.
func (f *flight) advance(r *run, n int) {
	r.next += n
	f.tasks -= n
	f.load -= r.each * int64(n)
}

// pop removes the oldest run (the tasks of one frame) from the flight. All its outcomes must have
// been published.
func (f *flight) pop() {
	f.bytes -= f.first().bytes
	f.unpin(f.first().pin)
	f.runs[f.head].lease = nil
	f.head++
	f.rewind()
}

// rewind empties the slice f.runs once all of its elements have been removed, so that the slice's
// memory is reused.
func (f *flight) rewind() {
	if f.head == len(f.runs) {
		f.runs, f.head = f.runs[:0], 0
	}
}

// cut keeps only the oldest tasks of the flight: as many as the argument keep says. It removes all
// other tasks and passes them to the function take, oldest first.
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
	// Remove runs at the end that have no tasks left and are published. A run that is being
	// published stays.
	for len(f.runs) > f.head {
		r := &f.runs[len(f.runs)-1]
		if r.lo < r.hi {
			break
		}
		f.bytes -= r.bytes
		f.unpin(r.pin)
		r.lease = nil
		f.runs = f.runs[:len(f.runs)-1]
	}
	f.rewind()
}

// has reports whether the flight contains a task of the job that has the lease le.
func (f *flight) has(le *lease) bool {
	return slices.ContainsFunc(f.runs[f.head:], func(r run) bool { return r.lease == le && r.next < r.hi })
}

// at returns the lease of the job to which task n in the flight belongs. The oldest task has n = 0.
// If the flight has fewer tasks, at returns nil.
func (f *flight) at(n int) *lease {
	for _, r := range f.runs[f.head:] {
		if n -= r.hi - r.next; n < 0 {
			return r.lease
		}
	}
	return nil
}

// since returns the number of tasks from number a up to, but not including, number b. Task numbers
// begin again at 0 after wire.Tasks - 1.
func since(a, b uint32) uint32 { return (b - a) % wire.Tasks }
