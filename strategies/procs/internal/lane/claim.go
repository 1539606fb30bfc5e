//go:build unix

package lane

import (
	"time"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// These constants decide how much work is sent to a worker in advance: enough that the worker does
// not wait, and so little that other workers get some too.
const (
	mapAhead      = 5_000_000              // ns of work sent in advance in a map: saves wake-ups, and a recall takes back what is too much
	streamAhead   = 1_000_000              // ns of work sent in advance in a stream, whose consumer waits for results
	firstShare    = 64                     // largest number of tasks in the first claim of a lane, and divisor of its share: few tasks if tasks are slow, enough tasks for timing if they are fast
	leastShare    = 50_000                 // ns of work that one lane may claim at the end of a map without sharing, since waking another worker takes longer
	spareLoad     = 300_000                // a lane without work asks for tasks only if another lane has sent more ns of work in advance, so that a recall costs little in comparison
	prefetchBytes = 256 << 10              // bytes of frames sent and not answered, unless two tasks are larger
	chunkTarget   = 200 * time.Microsecond // duration that automatic chunks aim at
)

// fill first drops the tasks of cancelled jobs. Then it claims tasks and sends them to the worker,
// until the worker has enough work in advance. It reports whether it sent any tasks.
func (l *lane) fill() (worked bool) {
	leases := *l.pool.leases.Load()
	for _, le := range leases {
		if le.job.Cancelled() != nil {
			l.letGo(le)
		}
	}
	l.rest.slow = l.rest.slow && l.flight.tasks > 0
	if !l.takes() || l.rest.slow || l.inbox.interrupted {
		return false
	}
	lanes := len(l.pool.lanes)
	for range leases {
		le := leases[l.turn%len(leases)]
		worked = l.send() || worked
		if l.held.lo < l.held.hi || !l.sendable() {
			return worked
		}
		unclaimed := le.unclaimed()
		chunk := le.chunk(unclaimed)
		room := l.room(chunk)
		if room == 0 {
			return worked
		}
		mean, enough, least := le.mean.Load(), le.ahead, int64(0)
		if mean > 0 && le.flags&wire.FlagPrompt == 0 {
			enough, least = min(enough, 2*l.evenShare(int64(unclaimed)*mean)), leastShare
		}
		if !hungry(l.flight.load, enough, l.flight.tasks, chunk, unclaimed, lanes) {
			break
		}
		l.turn++
		want := max(enough-l.flight.load, 0) / int64(len(leases))
		s := le.claim(min(share(chunk, mean, want, least, unclaimed, lanes), room))
		if s.Len() == 0 {
			continue
		}
		l.hold(le, s, chunk)
		l.load.Store(l.flight.load + l.held.each*int64(s.Len()))
		l.found()
		worked = l.send() || worked
	}
	return worked
}

// evenShare returns the work, in ns, that each lane would have if all lanes had the same amount.
// The argument unclaimed is the work, in ns, that no lane has claimed. Each other lane has stored
// its own work in its field load, when it last claimed tasks or began to wait.
func (l *lane) evenShare(unclaimed int64) int64 {
	all := unclaimed + l.flight.load
	for _, other := range l.pool.lanes {
		if other != l {
			all += other.load.Load()
		}
	}
	return all / int64(len(l.pool.lanes))
}

// room returns how many more tasks the lane may send to the worker now. The settings Prefetch,
// OneChunk and Recycle.Tasks limit this number. The argument chunk is the chunk size of the job.
func (l *lane) room(chunk int) int {
	c, n, room := &l.pool.config, 0, work.MaxTasks
	if l.worker != nil {
		n = l.worker.outcomes + l.flight.tasks
	}
	if c.Prefetch > 0 {
		room = max(0, c.Prefetch-l.flight.tasks) / chunk * chunk
		if l.flight.tasks == 0 {
			room = max(room, chunk)
		}
	}
	if c.OneChunk {
		if room = chunk; n > 0 {
			return 0
		}
	}
	if most := c.Recycle.Tasks; most > 0 {
		room = min(room, max(0, most-n))
	}
	return room
}

// hold stores a span of tasks that the lane has claimed, until the method send sends them. The
// argument le is the lease of their job, s is the span, and chunk is the chunk size of the job.
func (l *lane) hold(le *lease, s work.Span, chunk int) {
	le.last.Store(int64(chunk))
	l.held = run{lease: le, lo: s.Lo, hi: s.Hi, each: le.expected(max(chunk, s.Len()))}
}

// found records that the lane has found work. If the lane was woken to look for work and there is
// more work, found wakes another sleeping lane.
func (l *lane) found() {
	if s := &l.pool.sleepers; s.found(l) && s.any() && l.pool.more() {
		s.wake()
	}
}

// share returns the number of tasks of a job that a [lane] should claim at once. The number is a
// multiple of chunk, the chunk size of the job. The other arguments are:
//
//   - mean: the time per task in ns, or 0 if it is unknown
//   - want: the work in ns that the lane wants
//   - least: the work in ns that one lane may claim even if it leaves none for other lanes
//   - unclaimed: the number of tasks that no lane has claimed
//   - lanes: the number of lanes of the pool
func share(chunk int, mean, want, least int64, unclaimed, lanes int) int {
	n := int64(min(firstShare, unclaimed/(firstShare*lanes)))
	if mean > 0 {
		n = min(want/mean, max(int64(unclaimed/(2*lanes)), min(int64(unclaimed), least/mean)))
	}
	return max(chunk, int(n)/chunk*chunk)
}

// hungry reports whether a [lane] should claim more tasks of a job. The lane should do so in three
// cases:
//
//   - The worker has no tasks.
//   - The worker has at most half of the work that may be sent in advance.
//   - The worker has at most one chunk, and many tasks are left for other lanes. A second chunk
//     saves the worker a wait between two slow chunks.
//
// The arguments are:
//
//   - load: the work in ns of the tasks that the worker has
//   - ahead: the work in ns that may be sent to the worker in advance
//   - tasks: the number of tasks that the worker has
//   - chunk: the chunk size of the job
//   - unclaimed: the number of the job's tasks that no lane has claimed
//   - lanes: the number of lanes of the pool
func hungry(load, ahead int64, tasks, chunk, unclaimed, lanes int) bool {
	return tasks == 0 || load <= ahead/2 || tasks <= chunk && unclaimed >= 4*lanes*chunk
}

// newMean returns the new estimate of the time per task. The argument mean is the old estimate, or
// 0 if there is none, and took is the last measurement. All times are in ns.
func newMean(mean, took int64) int64 {
	took = max(took, 1)
	switch {
	case mean == 0:
		return took
	case took < mean: // the first measurements are too high, since they include a wake-up
		return max((mean+7*took)/8, 1)
	}
	return max((mean+took)/2, 1)
}
