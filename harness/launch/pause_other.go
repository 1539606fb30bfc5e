//go:build !linux

package launch

import "time"

// pause sleeps for d, as precisely as the runtime's timers do.
func pause(d time.Duration) { time.Sleep(d) }
