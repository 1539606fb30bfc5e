package transport

import (
	"time"

	"golang.org/x/sys/unix"
)

// A spinner decides how long an end looks for its peer before it sleeps. Looking saves
// the wake-up, which takes far longer than a small task, and costs whoever needs the core.
// So it is less after each time that it was in vain, and none for a while where the core
// was wanted, which shows in a yield that does not come back at once.
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
