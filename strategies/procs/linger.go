package procs

import "time"

// longestLinger is more than it takes to wake a worker, to run a small task and to hear of
// it.
const longestLinger = 100 * time.Microsecond

// mostRest is how many waits in a row at most are not lingered in.
const mostRest = 63

// A lingering decides whether a lane waits for the one task that is on its way by holding on
// to its thread. That saves the way through Go's scheduler: a thread that finds nothing
// to run, goes to sleep and is woken again, and another that is woken to look whether there
// is more to do, on a core that the worker needs. What it costs is a place in the scheduler for
// as long, so it is done less where it is in vain.
type lingering struct {
	rest int // times without it that are left
	last int // times without it, the last time
}

// due reports whether to linger this time.
func (g *lingering) due() bool {
	if g.rest > 0 {
		g.rest--
		return false
	}
	return true
}

// ended takes in whether it was of use.
func (g *lingering) ended(heard bool) {
	if heard {
		g.last = 0
		return
	}
	g.last = min(2*g.last+1, mostRest)
	g.rest = g.last
}

// linger waits a little for the outcome of a task, if it is the only thing that there is to
// wait for, and reports whether it has come. One lane of a pool does so at a time: the others
// of this process shall have a core.
func (l *lane) linger() (heard bool) {
	if l.life != busy || l.flight.tasks != 1 || l.sent < len(l.out) || l.x.more() {
		return false
	}
	if !l.lingering.due() || !l.x.lingering.CompareAndSwap(false, true) {
		return false
	}
	defer l.x.lingering.Store(false)
	heard = l.p.conn.Await(longestLinger)
	l.lingering.ended(heard)
	return heard
}
