package probe

import (
	"time"

	"golang.org/x/sys/unix"
)

// ReadClocks reads all clocks of this machine.
func ReadClocks() Clocks {
	clock := func(id int32) time.Duration {
		var ts unix.Timespec
		if err := unix.ClockGettime(id, &ts); err != nil {
			return 0
		}
		return time.Duration(ts.Nano())
	}
	return Clocks{
		Day:    time.Now(),
		Steady: clock(unix.CLOCK_MONOTONIC), // the clock that package time measures with
		Awake:  clock(unix.CLOCK_BOOTTIME),
		Raw:    clock(unix.CLOCK_MONOTONIC_RAW),
	}
}
