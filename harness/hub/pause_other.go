//go:build !linux

package hub

import "time"

// punctual does nothing: on this system [pause] has the precision of Go's timers.
func punctual() (end func()) { return func() {} }

// pause sleeps for the duration d.
func pause(d time.Duration) { time.Sleep(d) }
