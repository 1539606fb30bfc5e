//go:build !linux

package probe

import "time"

var began = time.Now()

// ReadClocks reads Day and Steady, the only clocks that every system has.
func ReadClocks() Clocks {
	now := time.Now()
	return Clocks{Day: now, Steady: now.Sub(began)}
}
