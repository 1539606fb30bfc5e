package procs

import "time"

// longestLinger is more than it takes to wake a worker, to run a small task and to hear of
// it.
const longestLinger = 100 * time.Microsecond

// linger waits a little for the outcome of a task, if it is the only thing that there is to
// wait for, by holding on to its thread, and reports whether there was anything. That saves
// the way through Go's scheduler: a thread that finds nothing to run, goes to sleep and is
// woken again, and another that is woken to look whether there is more to do, on a core that
// the worker needs. What it costs is a place in the scheduler for as long, so that the channel
// does it less where it is in vain. One lane of a pool does so at a time: the others of this
// process shall have a core.
func (l *lane) linger() (heard bool) {
	if l.life != busy || l.flight.tasks != 1 || l.unsent() || l.x.more() {
		return false
	}
	if !l.x.lingering.CompareAndSwap(false, true) {
		return false
	}
	defer l.x.lingering.Store(false)
	return l.readFor(longestLinger)
}
