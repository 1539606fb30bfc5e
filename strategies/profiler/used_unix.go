//go:build unix

package profiler

import (
	"syscall"
	"time"
)

// used returns the CPU time that the kernel counted for this process.
func used() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
