//go:build !linux

package probe

import "time"

var began = time.Now()

// ReadClocks reads the clocks that all systems have: Day and Steady.
func ReadClocks() Clocks {
	now := time.Now()
	return Clocks{Day: now, Steady: now.Sub(began)}
}
