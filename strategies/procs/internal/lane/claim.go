//go:build unix

package lane

import (
	"time"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// How much work is on its way to a worker: enough that it need not wait for more, little
// enough that another worker does not go without.
const (
	mapAhead      = 5_000_000              // ns of work in flight for a map: fewer wake-ups, and a recall takes back what is too much
	streamAhead   = 1_000_000              // the same for a stream, whose results are waited for
	firstShare    = 64                     // tasks that a lane claims at first, or a 64th of its part: few if they are slow, and many fast ones tell how long they take
	leastShare    = 50_000                 // ns of work that are not shared at the end of a map: to wake a worker for less takes longer
	spareLoad     = 300_000                // ns of prefetched work that a lane without any asks for: what a recall costs is small against it
	prefetchBytes = 256 << 10              // of frames in flight, unless two tasks have more
	chunkTarget   = 200 * time.Microsecond // of an automatic chunk
)

// fill claims and sends tasks, as many as the worker should have, and lets go of those of
// cancelled jobs. It reports whether there were any.
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
			enough, least = min(enough, 2*l.even(int64(unclaimed)*mean)), leastShare
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

// even returns the ns of work that each lane has when all of them have the same, with so much
// unclaimed. Of the others it is what they had when they last claimed or slept.
func (l *lane) even(unclaimed int64) int64 {
	all := unclaimed + l.flight.load
	for _, other := range l.pool.lanes {
		if other != l {
			all += other.load.Load()
		}
	}
	return all / int64(len(l.pool.lanes))
}

// room returns how many tasks the worker may still be sent.
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

// hold keeps tasks that were claimed until they are sent.
func (l *lane) hold(le *lease, s work.Span, chunk int) {
	le.last.Store(int64(chunk))
	l.held = run{lease: le, lo: s.Lo, hi: s.Hi, each: le.expected(max(chunk, s.Len()))}
}

// found notes that l has found work, and wakes the next lane if there is more.
func (l *lane) found() {
	if s := &l.pool.sleepers; s.found(l) && s.any() && l.pool.more() {
		s.wake()
	}
}

// share returns how many tasks of a job a lane claims at a time: mean is the ns that a task
// takes (0 if that is not known yet), want the ns of work that are wanted, least the ns of
// work that may go to one lane even if that is all there is, and unclaimed the tasks for so
// many lanes. It is a multiple of chunk.
func share(chunk int, mean, want, least int64, unclaimed, lanes int) int {
	n := int64(min(firstShare, unclaimed/(firstShare*lanes)))
	if mean > 0 {
		n = min(want/mean, max(int64(unclaimed/(2*lanes)), min(int64(unclaimed), least/mean)))
	}
	return max(chunk, int(n)/chunk*chunk)
}

// hungry reports whether a lane with tasks in flight, load ns of work, should claim more of a
// job: when half of the prefetched work is done; or, so that a worker never waits between two
// slow tasks, when nothing is behind the chunk that runs and there is so much left that no
// other lane will miss it.
func hungry(load, ahead int64, tasks, chunk, unclaimed, lanes int) bool {
	return tasks == 0 || load <= ahead/2 || tasks <= chunk && unclaimed >= 4*lanes*chunk
}

// newMean moves a mean of ns per task towards what the last tasks took.
func newMean(mean, took int64) int64 {
	took = max(took, 1)
	switch {
	case mean == 0:
		return took
	case took < mean: // a wake-up is part of what the first tasks seem to take
		return max((mean+7*took)/8, 1)
	}
	return max((mean+took)/2, 1)
}
