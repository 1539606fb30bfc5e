package probe

import (
	"fmt"
	"math"
	"time"
)

// A Clocks holds the times that this machine's clocks show at one moment. Measurements use the
// clock Steady, which cannot be set. The clock Day shows the time of day. The clocks Awake and Raw
// are for checking Steady: they show whether it stopped during a sleep of the machine, and whether
// it ran fast or slow.
type Clocks struct {
	Day    time.Time     // can be set by hand or by NTP
	Steady time.Duration // since a fixed moment; stops while the machine sleeps
	Awake  time.Duration // like Steady, but runs while the machine sleeps; 0 if unavailable
	Raw    time.Duration // like Steady, but never adjusted; 0 if unavailable
}

// The least differences between clocks that [Clocks.Since] reports.
const (
	stepMost  = time.Second // for a step of the time of day, and for the length of a sleep
	pacedMost = 0.001       // for the share by which Steady ran fast or slow; NTP changes the speed by at most 0.0005
)

// Since compares two readings of the clocks, c and the earlier reading from. It returns a note for
// each problem between the readings: the machine slept, the time of day was set, or the clock
// Steady ran fast or slow. It ignores differences of some µs, because ReadClocks reads one clock
// after the other.
func (c Clocks) Since(from Clocks) (notes []string) {
	took := c.Steady - from.Steady
	slept := time.Duration(0)
	if c.Awake > 0 && from.Awake > 0 {
		slept = c.Awake - from.Awake - took
	}
	if slept >= stepMost {
		notes = append(notes, fmt.Sprintf("the machine slept for %v during the run: measured times exclude the sleep, but launches right after the sleep had cold caches", slept.Round(time.Millisecond)))
	}
	if step := c.Day.Round(0).Sub(from.Day.Round(0)) - took - slept; step.Abs() >= stepMost {
		notes = append(notes, fmt.Sprintf("the system clock was changed by %v during the run: times of day are wrong, measured times are right", step.Round(time.Millisecond)))
	}
	if raw := c.Raw - from.Raw; c.Raw > 0 && from.Raw > 0 && raw >= stepMost {
		if share := float64(took)/float64(raw) - 1; math.Abs(share) >= pacedMost {
			notes = append(notes, fmt.Sprintf("the clock used for measuring ran %.2f %% %s than the hardware clock: times are wrong by this share, ratios are right", 100*math.Abs(share), map[bool]string{true: "faster", false: "slower"}[share > 0]))
		}
	}
	return notes
}
