package procs

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A lease is the executor at work on one job: what it took and no lane has claimed.
type lease struct {
	x      *Executor
	ctx    context.Context
	job    work.Job
	terms  *work.Terms
	kernel uint32 // its place in the workers' Ready
	policy chunk.Policy
	ahead  int64         // ns of work that a lane prefetches
	flags  uint8         // of its frames
	limit  time.Duration // of a task; 0 is none
	done   chan struct{} // closed when the executor holds no task any more
	lane   *lane         // that has its one task, if the caller sent it; else nil

	span    work.Range   // what lanes claim from
	back    atomic.Int64 // tasks in returned
	pending atomic.Int64 // tasks taken that have no outcome
	over    atomic.Bool  // Take said Over
	total   atomic.Int64 // tasks that the last Take gave
	last    atomic.Int64 // size of the last chunk
	retried atomic.Int32 // len(lost)
	mean    atomic.Int64 // ns that a task takes, as lanes see it; 0 is not known

	mu       sync.Mutex
	returned []work.Span // claimed once, and to be sent again
	lost     map[int]int // tasks that are run again, by slot, and how often they were lost
	ended    bool
}

// chunk returns how many tasks to hand over next, of unclaimed ones.
func (le *lease) chunk(unclaimed int) int {
	if f, ok := le.policy.(chunk.Fixed); ok {
		return int(f)
	}
	n := le.policy.Size(chunk.Claim{
		Total: int(le.total.Load()), Left: unclaimed, Last: int(le.last.Load()), Workers: len(le.x.lanes),
		Task: time.Duration(le.mean.Load()), Target: chunkTarget,
	})
	return max(1, min(n, unclaimed))
}

// expected returns how many ns a task of a chunk is expected to take.
func (le *lease) expected(chunk int) int64 {
	if mean := le.mean.Load(); mean > 0 {
		return mean
	}
	return le.ahead / int64(chunk)
}

// Wake implements [strategies.Lease].
func (le *lease) Wake() { le.x.wake() }

// Stop implements [strategies.Lease]: every lane looks around, recalls what its worker
// has not started and lets it go.
func (le *lease) Stop() { le.x.signal() }

// Wait implements [strategies.Lease].
func (le *lease) Wait() { <-le.done }

// claim takes up to n tasks; the span is empty when there are none now.
func (le *lease) claim(n int) work.Span {
	if le.back.Load() > 0 {
		if s := le.reclaim(n); s.Len() > 0 {
			return s
		}
	}
	for {
		if s := le.span.Claim(n); s.Len() > 0 {
			return s
		}
		if !le.refill() {
			return work.Span{}
		}
	}
}

// unclaimed returns how many tasks there are to claim without asking the job.
func (le *lease) unclaimed() int { return le.span.Len() + int(le.back.Load()) }

// claimable reports whether there is something to claim.
func (le *lease) claimable() bool { return le.unclaimed() > 0 || le.refill() }

// refill takes more from the job when nothing is left to claim, and reports whether
// there is something now.
func (le *lease) refill() bool {
	if le.over.Load() {
		return false
	}
	le.mu.Lock()
	defer le.mu.Unlock()
	if le.span.Len() > 0 {
		return true
	}
	s, state := le.job.Take(work.MaxTasks)
	switch state {
	case work.Ready:
		le.pending.Add(int64(s.Len()))
		le.total.Store(int64(s.Len()))
		le.span.Set(s)
	case work.Over:
		le.over.Store(true)
		le.end()
	}
	return state == work.Ready
}

// giveBack returns tasks that were claimed and not started, for any lane to claim. What
// was sent in several frames is one span again.
func (le *lease) giveBack(s work.Span) {
	if s.Len() == 0 {
		return
	}
	le.mu.Lock()
	if n := len(le.returned); n > 0 && le.returned[n-1].Hi == s.Lo {
		le.returned[n-1].Hi = s.Hi
	} else {
		le.returned = append(le.returned, s)
	}
	le.back.Add(int64(s.Len()))
	le.mu.Unlock()
}

// reclaim takes up to n tasks of what was given back.
func (le *lease) reclaim(n int) (s work.Span) {
	le.mu.Lock()
	defer le.mu.Unlock()
	if len(le.returned) == 0 {
		return s
	}
	first := &le.returned[0]
	s = work.Span{Lo: first.Lo, Hi: min(first.Lo+n, first.Hi)}
	if first.Lo = s.Hi; first.Len() == 0 {
		le.returned = append(le.returned[:0], le.returned[1:]...)
	}
	le.back.Add(-int64(s.Len()))
	return s
}

// finish publishes the outcomes of s by worker w.
func (le *lease) finish(s work.Span, w int) {
	if s.Len() == 0 {
		return
	}
	n := s.Len()
	by := work.By{Worker: w, Process: le.x.lanes[w].p.worker, Attempt: 1}
	if le.retried.Load() > 0 {
		lost := le.forget(s) // before the outcomes are published: the slots may then hold other tasks
		for i := s.Lo; i < s.Hi; i++ {
			if lost[i] > 0 {
				le.publish(work.Span{Lo: s.Lo, Hi: i}, by)
				le.publish(work.Span{Lo: i, Hi: i + 1}, work.By{Worker: w, Process: by.Process, Attempt: 1 + lost[i]})
				s.Lo = i + 1
			}
		}
	}
	le.publish(s, by)
	le.settle(n)
}

// publish publishes the outcomes of s, which may be empty.
func (le *lease) publish(s work.Span, by work.By) {
	if s.Len() > 0 {
		le.job.Finish(s, by)
	}
}

func (le *lease) settle(n int) {
	if le.pending.Add(-int64(n)) == 0 && le.over.Load() {
		le.mu.Lock()
		le.end()
		le.mu.Unlock()
	}
}

// end ends the lease if nothing is left; le.mu is held.
func (le *lease) end() {
	if le.over.Load() && le.pending.Load() == 0 && !le.ended {
		le.ended = true
		le.x.remove(le)
		close(le.done)
	}
}

// skipAll lets go of everything that no lane has claimed, once the job is cancelled.
func (le *lease) skipAll(w int) {
	for {
		s := le.claim(work.MaxTasks)
		if s.Len() == 0 {
			return
		}
		le.skip(s, w)
	}
}

// skip lets go of s, once the job is cancelled: Drain then runs nothing.
func (le *lease) skip(s work.Span, w int) {
	if s.Len() == 0 {
		return
	}
	var r work.Range
	r.Set(s)
	le.job.Drain(le.ctx, &r, w)
	le.settle(s.Len())
}

// again reports whether the task in slot i, which was lost with its worker, may run again,
// and counts that it does.
func (le *lease) again(i int) bool {
	retries := le.terms.Retries
	if retries == 0 || le.job.Cancelled() != nil {
		return false
	}
	le.mu.Lock()
	defer le.mu.Unlock()
	if le.lost[i] == retries {
		return false
	}
	if le.lost == nil {
		le.lost = map[int]int{}
	}
	le.lost[i]++
	le.retried.Store(int32(len(le.lost)))
	return true
}

// attempt returns the number of the run of the task in slot i, from 1.
func (le *lease) attempt(i int) int {
	if le.retried.Load() == 0 {
		return 1
	}
	le.mu.Lock()
	defer le.mu.Unlock()
	return 1 + le.lost[i]
}

// forget makes room for other tasks in the slots of s, and returns how often the tasks
// that were there had been lost.
func (le *lease) forget(s work.Span) (lost map[int]int) {
	le.mu.Lock()
	defer le.mu.Unlock()
	for i := s.Lo; i < s.Hi; i++ {
		if n := le.lost[i]; n > 0 {
			if lost == nil {
				lost = map[int]int{}
			}
			lost[i] = n
			delete(le.lost, i)
		}
	}
	le.retried.Store(int32(len(le.lost)))
	return lost
}
