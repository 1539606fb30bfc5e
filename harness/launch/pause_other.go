//go:build !linux

package launch

import "time"

// pause sleeps for the duration d, with the precision of Go's timers.
func pause(d time.Duration) { time.Sleep(d) }
