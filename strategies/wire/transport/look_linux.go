package transport

import (
	"time"

	"golang.org/x/sys/unix"
)

// A lookout makes one end of a channel poll for bytes for a while before this end sleeps. Between
// polls it yields the CPU: if the peer is on the same core, the peer can run; otherwise the yield
// returns at once. If both ends poll, neither has to be woken. Polling takes a third of the time of
// a wake-up on the same core, and less time than a wake-up across cores.
//
// Polling keeps the core busy, so an end polls less often after polls without success. A poll that
// ends late also counts as one without success: a yield to a busy process returns late, whereas a
// sleeping end would be woken at once.
//
// A yield takes as long as many polls, and delays bytes from a peer on another core. So an end
// normally polls several times before it yields. After a yield that passed the core to another
// process, it yields after every poll for a while. If no core is free, nearly every yield passes
// the core on, so the end always yields after every poll.
type lookout struct {
	rest  int // number of waits left without polling
	last  int // number of waits without polling after the last unsuccessful poll
	near  int // number of waits left with a yield after every poll
	crowd int // number of such waits after the last yield that passed the core to another process
}

// lookFor is how long Read polls before it sleeps: about the time of a wake-up.
const lookFor = 30 * time.Microsecond

const (
	mostRest = 63                   // largest number of successive waits without polling
	mostNear = 255                  // largest number of successive waits with a yield after every poll
	blind    = 256                  // number of polls before a yield; they take less than a microsecond
	passedOn = 2 * time.Microsecond // if a yield and the polls after it take longer, another process has used the core
)

// look calls the function ready until it returns true or the time limit has passed. It returns the
// last result of ready. The argument polls is the largest number of successive calls without a
// yield. After a look without success, some of the next looks return false at once, without a call
// of ready.
func (l *lookout) look(limit time.Duration, polls int, ready func() bool) bool {
	if l.rest > 0 {
		l.rest--
		return false
	}
	if l.near > 0 {
		l.near--
		polls = 1
	}
	alone := true
	for start, last := (time.Time{}), (time.Time{}); ; {
		seen := false
		for k := 0; k < polls && !seen; k++ {
			seen = ready()
		}
		if seen && start.IsZero() {
			l.last = 0
			return true
		}
		now := time.Now()
		if start.IsZero() {
			start = now
		} else if now.Sub(last) > passedOn {
			l.passed()
			polls, alone = 1, false
		}
		last = now
		switch {
		case now.Sub(start) > limit:
			l.last = min(2*l.last+1, mostRest)
			l.rest = l.last
			return seen
		case seen:
			l.last = 0
			if alone && polls > 1 {
				l.crowd = 0
			}
			return true
		}
		unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
	}
}

// passed records that a yield has passed the core to another process.
func (l *lookout) passed() {
	l.crowd = min(2*l.crowd+1, mostNear)
	l.near = l.crowd
}

// A spinner decides for how long one end of a channel polls without yielding before it sleeps.
// Polling saves a wake-up, which takes far longer than a small task. But it takes the core from
// other processes, so the time is halved after each poll without success. From time to time the
// spinner does yield. If this yield returns late, another process wants the core, so the end sleeps
// without polling for some waits.
type spinner struct {
	halvings uint // how many times the limit is halved
	rest     int  // number of waits left without polling
	crowd    int  // number of waits without polling after the last late yield
}

const (
	mostHalvings = 6
	mostCrowd    = 63
	looks        = 32                   // number of polls between two readings of the clock
	yieldLate    = 5 * time.Microsecond // after a longer yield, another process has used the core
)

// allow returns how long this end of the channel may poll in the wait that begins now. The result
// is at most limit.
func (s *spinner) allow(limit time.Duration) time.Duration {
	if s.rest > 0 {
		s.rest--
		return 0
	}
	return limit >> s.halvings
}

func (s *spinner) paid()    { s.halvings, s.crowd = 0, 0 }
func (s *spinner) wasted()  { s.halvings = min(s.halvings+1, mostHalvings) }
func (s *spinner) crowded() { s.crowd = min(2*s.crowd+1, mostCrowd); s.rest = s.crowd }

// look calls the function ready until it returns true or the polling time has passed, and returns
// the last result of ready. [spinner.allow] decides on the polling time, which is at most limit.
// Except for a rare yield, look keeps the CPU.
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
