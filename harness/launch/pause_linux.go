package launch

import (
	"time"

	"golang.org/x/sys/unix"
)

// pause blocks the thread for d. It wakes up within some 60 µs; timers of an idle Go program are
// rounded up to whole milliseconds.
func pause(d time.Duration) {
	for end := time.Now().Add(d); d > 0; d = time.Until(end) {
		t := unix.NsecToTimespec(int64(d))
		unix.Nanosleep(&t, nil) // may return early because of a signal
	}
}
