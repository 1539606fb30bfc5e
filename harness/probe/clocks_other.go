//go:build !linux

package probe

import "time"

var began = time.Now()

// ReadClocks returns a reading of the clocks.
func ReadClocks() Clocks {
	now := time.Now()
	return Clocks{Day: now, Steady: now.Sub(began)}
}
