package hub

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// punctual makes [pause] exact to a few µs on this goroutine, until the function end is called. Without
// it, the kernel may add 50 µs.
func punctual() (end func()) {
	runtime.LockOSThread()
	unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	return runtime.UnlockOSThread
}

// pause blocks the calling thread for the duration d. It does not use a Go timer, because an idle Go
// program rounds the times of timers up to whole milliseconds.
func pause(d time.Duration) {
	for end := time.Now().Add(d); d > 0; d = time.Until(end) {
		t := unix.NsecToTimespec(int64(d))
		unix.Nanosleep(&t, nil) // may return early because of a signal
	}
}
