package launch

import (
	"time"

	"golang.org/x/sys/unix"
)

// pause blocks the calling thread for the duration d, and at most about 60 µs longer. It does not
// use a Go timer, because an idle Go program rounds the times of timers up to whole milliseconds.
func pause(d time.Duration) {
	for end := time.Now().Add(d); d > 0; d = time.Until(end) {
		t := unix.NsecToTimespec(int64(d))
		unix.Nanosleep(&t, nil) // may return early because of a signal
	}
}
