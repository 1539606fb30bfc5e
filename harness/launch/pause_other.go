//go:build !linux

package launch

import "time"

// pause waits as well as the runtime's timers do.
func pause(d time.Duration) { time.Sleep(d) }
