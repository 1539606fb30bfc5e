package launch

import (
	"time"

	"golang.org/x/sys/unix"
)

// pause waits, on a thread of its own: the timers of an idle Go program are rounded up to
// whole milliseconds, these come within some 60 µs.
func pause(d time.Duration) {
	for end := time.Now().Add(d); d > 0; d = time.Until(end) {
		t := unix.NsecToTimespec(int64(d))
		unix.Nanosleep(&t, nil) // a signal ends it early
	}
}
