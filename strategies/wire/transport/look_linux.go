package transport

import (
	"time"

	"golang.org/x/sys/unix"
)

// A lookout makes an end poll for bytes for a while before it sleeps, and yield the CPU between
// polls. If both ends do so, neither has to be woken. A yield hands the core to the peer if the peer
// is on the same core, and returns at once if it is on another. That takes a third of the time of a
// wake-up on the same core, and less of one across cores.
//
// Polling keeps a core from sleeping, so an end polls less often after it has polled in vain. A
// yield to a busy process returns late, whereas a sleeping end is woken at once; so polling that
// ends late counts as in vain.
type lookout struct {
	rest int // waits left without polling
	last int // number of waits without polling, the last time
}

// lookFor is how long an end that waits in Read polls: about the time of a wake-up.
const lookFor = 30 * time.Microsecond

// mostRest is the most waits in a row without polling.
const mostRest = 63

// look calls ready for up to limit until it returns true. It returns the last result, or false if
// it did not poll.
func (l *lookout) look(limit time.Duration, ready func() bool) bool {
	if l.rest > 0 {
		l.rest--
		return false
	}
	for start := time.Now(); ; {
		seen := ready()
		took := time.Since(start)
		switch {
		case took > limit:
			l.last = min(2*l.last+1, mostRest)
			l.rest = l.last
			return seen
		case seen:
			l.last = 0
			return true
		}
		unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
	}
}

// A spinner decides how long an end polls for its peer, without yielding, before it sleeps. Polling
// saves a wake-up, which takes far longer than a small task, but takes the core from other
// processes. So an end polls for less time after each time in vain. It does not poll for a while
// after a yield that returned late, since another process wants the core.
type spinner struct {
	less  uint // number of times that the limit is halved
	rest  int  // waits left without polling
	crowd int  // number of waits without polling, the last time
}

const (
	mostLess  = 6
	mostCrowd = 63
	looks     = 32                   // polls between two readings of the clock
	yieldLate = 5 * time.Microsecond // after a longer yield another process has had the core
)

// allow returns how long to poll this time.
func (s *spinner) allow(limit time.Duration) time.Duration {
	if s.rest > 0 {
		s.rest--
		return 0
	}
	return limit >> s.less
}

func (s *spinner) paid()    { s.less, s.crowd = 0, 0 }
func (s *spinner) wasted()  { s.less = min(s.less+1, mostLess) }
func (s *spinner) crowded() { s.crowd = min(2*s.crowd+1, mostCrowd); s.rest = s.crowd }

// look polls ready for up to limit and returns the last result.
func (s *spinner) look(limit time.Duration, ready func() bool) bool {
	if ready() {
		return true
	}
	limit = s.allow(limit)
	if limit <= 0 {
		return false
	}
	for start, n := time.Now(), 1; ; n++ {
		for range looks {
			if ready() {
				s.paid()
				return true
			}
		}
		now := time.Now()
		if now.Sub(start) >= limit {
			s.wasted()
			return false
		}
		if n%16 != 0 {
			continue
		}
		unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
		if time.Since(now) > yieldLate {
			s.crowded()
			return ready()
		}
	}
}
