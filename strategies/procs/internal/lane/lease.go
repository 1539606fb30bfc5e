//go:build unix

package lane

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A lease lets one job use the pool. It holds the tasks that the pool has taken from the job and
// that no lane has claimed yet. (A lane is the goroutine that owns one worker process.)
type lease struct {
	pool   *Pool
	ctx    context.Context
	job    work.Job
	terms  *work.Terms
	kernel uint32        // index of the kernel in the worker program
	ahead  int64         // ns of work that a lane sends to its worker in advance
	flags  uint8         // flags of frames with its tasks
	done   chan struct{} // closed when the pool holds no more tasks of the job
	lane   *lane         // lane through which the caller sent the only task; else nil

	span    work.Range   // tasks that lanes can claim
	back    atomic.Int64 // number of tasks in returned
	pending atomic.Int64 // number of tasks taken that have no outcome, plus 1 until the job is over
	over    atomic.Bool  // Take returned Over

	total atomic.Int64 // number of tasks in the last span that Take returned
	last  atomic.Int64 // size of the last chunk
	mean  atomic.Int64 // ns per task as measured by lanes; 0 if unknown

	attempts attempts

	mu       sync.Mutex
	returned []work.Span // tasks that were claimed and given back, to be claimed again
}

func newLease(ctx context.Context, p *Pool, job work.Job, kernel uint32) *lease {
	le := &lease{pool: p, ctx: ctx, job: job, terms: job.Terms(), kernel: kernel, ahead: mapAhead, done: make(chan struct{})}
	le.pending.Store(1)
	if le.terms.Stream {
		le.ahead, le.flags = streamAhead, wire.FlagPrompt
	}
	if p.config.Ahead > 0 {
		le.ahead = p.config.Ahead.Nanoseconds()
	}
	if le.terms.Limit > 0 {
		le.flags |= wire.FlagTimed
	}
	return le
}

// chunk returns the number of tasks in the next chunk of the job. The argument unclaimed is the
// number of tasks that no [lane] has claimed.
func (le *lease) chunk(unclaimed int) int {
	if f, ok := le.terms.Chunk.(chunk.Fixed); ok {
		return int(f)
	}
	if unclaimed == 0 {
		return 1
	}
	n := le.terms.Chunk.Size(chunk.Claim{
		Total: int(le.total.Load()), Left: unclaimed, Last: int(le.last.Load()), Workers: len(le.pool.lanes),
		Task: time.Duration(le.mean.Load()), Target: chunkTarget,
	})
	return max(1, min(n, unclaimed))
}

// expected returns the estimated time per task, in ns. Before the first measurement, it assumes
// that one chunk is as much work as a lane sends in advance (le.ahead). The argument chunk is the
// number of tasks in a chunk.
func (le *lease) expected(chunk int) int64 {
	if mean := le.mean.Load(); mean > 0 {
		return mean
	}
	return le.ahead / int64(chunk)
}

// Wake implements [work.Lease].
func (le *lease) Wake() { le.pool.sleepers.wake() }

// Stop implements [work.Lease]. It wakes every [lane]; each lane then recalls the tasks of the
// cancelled job that its worker has not started, and skips them.
func (le *lease) Stop() { le.pool.signal() }

// Wait implements [work.Lease].
func (le *lease) Wait() {
	if le.refill() { // otherwise refill has found that the job is over, even if all lanes are busy
		le.pool.signal()
	}
	<-le.done
}

// claim claims up to n tasks for a [lane]. The span is empty if no task can be claimed now.
func (le *lease) claim(n int) work.Span {
	if le.back.Load() > 0 {
		if s := le.reclaim(n); s.Len() > 0 {
			return s
		}
	}
	for {
		if s := le.span.Claim(n); s.Len() > 0 || !le.refill() {
			return s
		}
	}
}

// unclaimed returns the number of tasks that the pool has taken from the job and that lanes can
// claim.
func (le *lease) unclaimed() int { return le.span.Len() + int(le.back.Load()) }

// claimable reports whether a task can be claimed now. If necessary, it first takes more tasks from
// the job.
func (le *lease) claimable() bool { return le.unclaimed() > 0 || le.refill() }

// refill takes more tasks from the job if no tasks are left to claim. It reports whether tasks can
// be claimed now.
func (le *lease) refill() bool {
	if le.over.Load() {
		return false
	}
	le.mu.Lock()
	defer le.mu.Unlock()
	if le.over.Load() || le.span.Len() > 0 {
		return !le.over.Load()
	}
	s, state := le.job.Take(work.MaxTasks)
	switch state {
	case work.Ready:
		le.pending.Add(int64(s.Len()))
		le.total.Store(int64(s.Len()))
		le.span.Set(s)
	case work.Over:
		le.over.Store(true)
		le.settle(1)
	}
	return state == work.Ready
}

// giveBack makes the tasks of the span s claimable again: a [lane] has claimed them, and its worker
// has not started them. If s directly follows the last span that was given back, giveBack joins the
// two.
func (le *lease) giveBack(s work.Span) {
	if s.Len() == 0 {
		return
	}
	le.mu.Lock()
	defer le.mu.Unlock()
	le.returned = add(le.returned, s)
	le.back.Add(int64(s.Len()))
}

// reclaim claims up to n of the tasks that lanes have given back (by giveBack), and returns them.
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

// finish publishes the outcomes of the tasks of the span s, which the worker with the identity by
// has run. It calls the job's method Finish once for each series of tasks with the same attempt
// number.
func (le *lease) finish(s work.Span, by work.By) {
	n := s.Len()
	if n > 0 && le.attempts.n.Load() == 0 {
		by.Attempt = 1
		le.job.Finish(s, by)
		s.Lo = s.Hi
	}
	for s.Len() > 0 {
		part := s
		part.Hi, by.Attempt = le.attempts.forget(s)
		le.job.Finish(part, by)
		s.Lo = part.Hi
	}
	le.settle(n)
}

// settle records that n more tasks have outcomes. After the last task the pool releases the job.
func (le *lease) settle(n int) {
	if n > 0 && le.pending.Add(-int64(n)) == 0 {
		le.pool.remove(le)
		close(le.done)
	}
}

// skip ends the tasks of the span s without starting them, because their job is cancelled. It
// passes them to the job's method Drain, which makes unstarted tasks of a cancelled job fail. The
// argument w is the number of the lane.
func (le *lease) skip(s work.Span, w int) {
	if s.Len() > 0 {
		var r work.Range
		r.Set(s)
		le.job.Drain(le.ctx, &r, w)
		le.settle(s.Len())
	}
}

// add returns spans with s added. If s directly follows the last span, add extends that span;
// otherwise it appends s.
func add(spans []work.Span, s work.Span) []work.Span {
	if n := len(spans); n > 0 && spans[n-1].Hi == s.Lo {
		spans[n-1].Hi = s.Hi
		return spans
	}
	return append(spans, s)
}

// attempts counts how often each task of a job was lost with its worker process and then run again.
// It identifies a task by its slot, its place in the job (see work.Span), and forgets the task when
// it has an outcome.
type attempts struct {
	n    atomic.Int32 // number of slots in lost
	mu   sync.Mutex
	lost map[int]int // number of losses by slot
}

// again counts one more loss of the task in slot i with its worker process, and returns true if the
// task may run again. After the given number of retries it returns false.
func (a *attempts) again(i, retries int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lost[i] >= retries {
		return false
	}
	if a.lost == nil {
		a.lost = map[int]int{}
	}
	a.lost[i]++
	a.n.Store(int32(len(a.lost)))
	return true
}

// number returns the number of the current attempt to run the task in slot i, from 1.
func (a *attempts) number(i int) int {
	if a.n.Load() == 0 {
		return 1
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return 1 + a.lost[i]
}

// forget removes the counts of the first tasks of the span s: those with the same attempt number as
// the very first. Later tasks can then use their slots. It returns hi, the slot after these tasks,
// and their attempt number.
func (a *attempts) forget(s work.Span) (hi, attempt int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := a.lost[s.Lo]
	for hi = s.Lo; hi < s.Hi && a.lost[hi] == n; hi++ {
		delete(a.lost, hi)
	}
	a.n.Store(int32(len(a.lost)))
	return hi, 1 + n
}
