package transport

import (
	"time"

	"golang.org/x/sys/unix"
)

// A lookout has an end look for bytes for a while before it sleeps, and yield its core between
// two looks. Where both ends do so, neither has to be woken: a yield hands the core to the peer
// if the peer is on the same core, and returns at once if it is on another. That takes a third
// of the time of a wake-up on the same core, and less of one across cores.
//
// To look keeps a core from sleeping, so an end looks less often after it looked in vain. A
// yield to a busy process returns late, while a sleeper is woken at once; so a look that ends
// late counts as one in vain.
type lookout struct {
	rest int // waits without a look that are left
	last int // waits without a look, the last time
}

// lookFor is how long an end that waits in Read looks: about the time of a wake-up.
const lookFor = 30 * time.Microsecond

// mostRest is the most waits in a row without a look.
const mostRest = 63

// look calls ready for up to limit until it returns true, and returns the last result; false
// if it did not look.
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

// A spinner decides how long an end looks for its peer, without a yield, before it sleeps. To
// look saves a wake-up, which takes far longer than a small task, and costs other processes the
// core. So an end looks for less time after each look in vain, and not at all for a while after
// a yield that did not return at once, since another process wants the core.
type spinner struct {
	less  uint // the limit is halved so many times
	rest  int  // times without looking that are left
	crowd int  // times without looking, the last time
}

const (
	mostLess  = 6
	mostCrowd = 63
	looks     = 32                   // between two readings of the clock
	yieldLate = 5 * time.Microsecond // after which somebody else had the core
)

// allow returns how long to look this time.
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

// look looks for up to limit whether ready, and reports what it saw last.
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
