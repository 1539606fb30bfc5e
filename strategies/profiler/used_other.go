//go:build !unix

package profiler

import "time"

// used returns 0, since this package cannot read the CPU time of the process on this system.
func used() time.Duration { return 0 }
