package launch

import (
	"time"

	"golang.org/x/sys/unix"
)

// pause blocks the thread for d and returns at most about 60 µs late. Timers of an idle Go program
// would be later, because they are rounded up to whole milliseconds.
func pause(d time.Duration) {
	for end := time.Now().Add(d); d > 0; d = time.Until(end) {
		t := unix.NsecToTimespec(int64(d))
		unix.Nanosleep(&t, nil) // may return early because of a signal
	}
}
