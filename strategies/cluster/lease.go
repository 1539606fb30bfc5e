package cluster

import (
	"context"
	"sync"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A keeper is an executor, as its leases use it.
type keeper interface {
	width() int       // number of lanes
	signal()          // wakes all lanes
	remove(le *lease) // removes a lease whose job has ended
}

// A lease is the use of an executor for one job.
type lease struct {
	x      keeper
	ctx    context.Context
	job    work.Job
	terms  *work.Terms
	target time.Duration // duration that automatic chunks aim at
	done   chan struct{} // closed when the executor holds no more tasks of the job

	mu      sync.Mutex
	span    work.Span   // tasks taken from the job that no lane has claimed
	back    []work.Span // tasks that were claimed and given back
	over    bool        // Take returned Over
	pending int         // number of taken tasks without an outcome, plus 1 until the job is over
	total   int         // number of tasks in the last span that Take returned
	last    int         // size of the last chunk
	mean    int64       // mean ns per task on a worker, with the round trip; 0 if unknown
	lost    map[int]int // by slot: how often the slot's task was lost and then given back
}

// chunkTarget is the duration that automatic chunks aim at. It is several times the round trip in a
// data center.
const chunkTarget = 2 * time.Millisecond

// durableTarget is the duration that automatic chunks of a Durable aim at. It is longer, because
// the server stores three messages for each chunk, one after the other, in files.
const durableTarget = 20 * time.Millisecond

// claim takes the next chunk of the job for a lane. The span is empty if no task can be claimed
// now.
func (le *lease) claim() (s work.Span) {
	le.mu.Lock()
	defer le.mu.Unlock()
	if !le.refill() {
		return s
	}
	left := le.span.Len()
	from := &le.span
	for i := range le.back {
		left += le.back[i].Len()
	}
	if len(le.back) > 0 {
		from = &le.back[0]
	}
	n := le.terms.Chunk.Size(chunk.Claim{
		Total: le.total, Left: left, Last: le.last, Workers: le.x.width(), Task: time.Duration(le.mean), Target: le.target,
	})
	n = max(1, min(n, from.Len()))
	le.last = n
	s = work.Span{Lo: from.Lo, Hi: from.Lo + n}
	from.Lo = s.Hi
	if len(le.back) > 0 && from.Len() == 0 {
		le.back = le.back[1:]
	}
	return s
}

// all takes all tasks that no lane has claimed.
func (le *lease) all() (spans []work.Span) {
	le.mu.Lock()
	defer le.mu.Unlock()
	for le.refill() {
		spans = append(append(spans, le.back...), le.span)
		le.back, le.span = nil, work.Span{}
	}
	return spans
}

// refill takes more tasks from the job if no task is left to claim. It reports whether a task can
// be claimed. The caller holds the lock.
func (le *lease) refill() bool {
	if le.span.Len() > 0 || len(le.back) > 0 {
		return true
	}
	if le.over {
		return false
	}
	s, state := le.job.Take(work.MaxTasks)
	switch state {
	case work.Ready:
		le.span, le.total = s, s.Len()
		le.pending += s.Len()
	case work.Over:
		le.over = true
		le.settle(1)
	}
	return state == work.Ready
}

// settle records that n more tasks have an outcome. The caller holds the lock.
func (le *lease) settle(n int) {
	le.pending -= n
	if n > 0 && le.pending == 0 {
		go le.x.remove(le) // on another goroutine: this one holds the lock of the lease, which must be taken after the executor's lock
		close(le.done)
	}
}

// giveBack lets lanes claim the tasks of s again.
func (le *lease) giveBack(s work.Span) {
	le.mu.Lock()
	defer le.mu.Unlock()
	if n := len(le.back); n > 0 && le.back[n-1].Hi == s.Lo {
		le.back[n-1].Hi = s.Hi
	} else {
		le.back = append(le.back, s)
	}
}

// again reports whether the task in slot i, which was lost, may run once more. If so, it counts
// this retry.
func (le *lease) again(i int) bool {
	le.mu.Lock()
	defer le.mu.Unlock()
	if le.lost[i] >= le.terms.Retries {
		return false
	}
	if le.lost == nil {
		le.lost = map[int]int{}
	}
	le.lost[i]++
	return true
}

// attempt returns the number of the current attempt of the task in slot i, from 1.
func (le *lease) attempt(i int) int {
	le.mu.Lock()
	defer le.mu.Unlock()
	return 1 + le.lost[i]
}

// finish publishes the outcomes of the tasks of s.
func (le *lease) finish(s work.Span, by work.By) {
	n := s.Len()
	le.mu.Lock()
	again := len(le.lost) > 0
	le.mu.Unlock()
	by.Attempt = 1
	if !again {
		le.job.Finish(s, by)
	} else {
		for i := s.Lo; i < s.Hi; i++ {
			le.mu.Lock()
			by.Attempt = 1 + le.lost[i]
			delete(le.lost, i) // a later task may use the slot
			le.mu.Unlock()
			le.job.Finish(work.Span{Lo: i, Hi: i + 1}, by)
		}
	}
	le.mu.Lock()
	defer le.mu.Unlock()
	le.settle(n)
}

// skip records that the tasks of s never start, because their job is cancelled.
func (le *lease) skip(s work.Span, w int) {
	if s.Len() == 0 {
		return
	}
	var r work.Range
	r.Set(s)
	le.job.Drain(le.ctx, &r, w)
	le.mu.Lock()
	defer le.mu.Unlock()
	le.settle(s.Len())
}

// took records that n tasks took the time d on a worker, including the round trip.
func (le *lease) took(n int, d time.Duration) {
	le.mu.Lock()
	defer le.mu.Unlock()
	le.mean = max(1, (le.mean+int64(d)/int64(n))/2)
}

// Wake implements [work.Lease].
func (le *lease) Wake() { le.x.signal() }

// Help implements [work.Lease]. It returns false, because the tasks run on other hosts.
func (le *lease) Help(context.Context) bool { return false }

// Stop implements [work.Lease]. It makes each lane cancel or skip its tasks of the cancelled job.
func (le *lease) Stop() { le.x.signal() }

// Wait implements [work.Lease].
func (le *lease) Wait() {
	le.mu.Lock()
	more := le.refill() // if more is false, the job may be over
	le.mu.Unlock()
	if more {
		le.x.signal()
	}
	<-le.done
}
