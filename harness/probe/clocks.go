package probe

import (
	"fmt"
	"math"
	"time"
)

// A Clocks is one reading of the clocks of this machine. Measurements use Steady, which cannot
// be set; the others show whether it stood still or ran fast, and the time of day.
type Clocks struct {
	Day    time.Time     // it can be set, by hand or by a server of time
	Steady time.Duration // since some moment; it stands still while the machine sleeps
	Awake  time.Duration // the same, but goes on while the machine sleeps; 0 where there is none
	Raw    time.Duration // the same as Steady, but never adjusted; 0 where there is none
}

// The least differences between clocks that Since notes.
const (
	stepMost  = time.Second // as much as a step of the time of day, or a sleep
	pacedMost = 0.001       // share by which Steady went faster or slower; a server of time takes 0.0005 at most
)

// Since returns a note for each jump of a clock since an earlier reading that a reader of times
// should know. The clocks were read one after the other, some µs apart.
func (c Clocks) Since(from Clocks) (notes []string) {
	took := c.Steady - from.Steady
	slept := time.Duration(0)
	if c.Awake > 0 && from.Awake > 0 {
		slept = c.Awake - from.Awake - took
	}
	if slept >= stepMost {
		notes = append(notes, fmt.Sprintf("the machine slept for %v during the run: clocks that measure stood still meanwhile, but what was measured right after it had cold caches", slept.Round(time.Millisecond)))
	}
	if step := c.Day.Round(0).Sub(from.Day.Round(0)) - took - slept; step.Abs() >= stepMost {
		notes = append(notes, fmt.Sprintf("the system's clock was set by %v during the run: times of day are off, what was measured is not", step.Round(time.Millisecond)))
	}
	if raw := c.Raw - from.Raw; c.Raw > 0 && from.Raw > 0 && raw >= stepMost {
		if share := float64(took)/float64(raw) - 1; math.Abs(share) >= pacedMost {
			notes = append(notes, fmt.Sprintf("the clock that measures was made to go %.2f %% %s than the hardware's: times are off by that, ratios are not", 100*math.Abs(share), map[bool]string{true: "faster", false: "slower"}[share > 0]))
		}
	}
	return notes
}
