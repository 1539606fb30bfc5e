//go:build unix

package lane

import (
	"time"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// How much work is sent to a worker: enough that it does not wait for more, and little enough that
// other workers get some.
const (
	mapAhead      = 5_000_000              // ns of work sent ahead in a map: saves wake-ups, and a recall takes back the excess
	streamAhead   = 1_000_000              // the same for a stream, whose consumer waits for results
	firstShare    = 64                     // first tasks that a lane claims, or a 64th of its part: few if tasks are slow, and enough fast ones to time them
	leastShare    = 50_000                 // ns of work at the end of a map that are not shared: waking a worker takes longer
	spareLoad     = 300_000                // a lane without work asks only a lane with more ns of work sent ahead: a recall then costs little
	prefetchBytes = 256 << 10              // of frames in flight, unless two tasks are larger
	chunkTarget   = 200 * time.Microsecond // work of an automatic chunk
)

// fill claims and sends as many tasks as the worker should have, and drops those of cancelled
// jobs. It reports whether it sent any.
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

// even returns the ns of work of each lane if all work were shared evenly, with unclaimed ns left
// to claim. The work of other lanes is that of their last claim or sleep.
func (l *lane) even(unclaimed int64) int64 {
	all := unclaimed + l.flight.load
	for _, other := range l.pool.lanes {
		if other != l {
			all += other.load.Load()
		}
	}
	return all / int64(len(l.pool.lanes))
}

// room returns how many more tasks the worker may be sent.
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

// hold keeps claimed tasks until they are sent.
func (l *lane) hold(le *lease, s work.Span, chunk int) {
	le.last.Store(int64(chunk))
	l.held = run{lease: le, lo: s.Lo, hi: s.Hi, each: le.expected(max(chunk, s.Len()))}
}

// found records that l has found work, and wakes another lane if there is more.
func (l *lane) found() {
	if s := &l.pool.sleepers; s.found(l) && s.any() && l.pool.more() {
		s.wake()
	}
}

// share returns how many tasks of a job a lane claims at once, a multiple of chunk. Mean is the
// ns per task, 0 if unknown. Want is the ns of work that the lane wants. Least is the ns of work
// that one lane may take even if that is all there is. Unclaimed is the number of tasks left for
// all lanes.
func share(chunk int, mean, want, least int64, unclaimed, lanes int) int {
	n := int64(min(firstShare, unclaimed/(firstShare*lanes)))
	if mean > 0 {
		n = min(want/mean, max(int64(unclaimed/(2*lanes)), min(int64(unclaimed), least/mean)))
	}
	return max(chunk, int(n)/chunk*chunk)
}

// hungry reports whether a lane should claim more of a job, with tasks in flight that are load ns
// of work. It should when half of the work sent ahead is done. It also should when no task is
// behind the running chunk and plenty are left for other lanes, so that its worker does not wait
// between two slow tasks.
func hungry(load, ahead int64, tasks, chunk, unclaimed, lanes int) bool {
	return tasks == 0 || load <= ahead/2 || tasks <= chunk && unclaimed >= 4*lanes*chunk
}

// newMean updates a mean of ns per task with the last measurement.
func newMean(mean, took int64) int64 {
	took = max(took, 1)
	switch {
	case mean == 0:
		return took
	case took < mean: // the first measurements include a wake-up
		return max((mean+7*took)/8, 1)
	}
	return max((mean+took)/2, 1)
}
