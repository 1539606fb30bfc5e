package harness

import (
	"slices"
	"time"
)

// Marks of a sample: why its launch is suspect. A marked sample is kept.
const (
	MarkSteal     = "steal"     // the hypervisor gave over 1 % of the cores' time to others, two ticks or more
	MarkThrottled = "throttled" // a quota took over 1 % of the cores' time
	MarkPreempted = "preempted" // a computing job on one thread took over 1.1 times its CPU time
	MarkControl   = "control"   // its controls stand out from those of the launches that it is compared with; see [StandOut]
	MarkUnsettled = "unsettled" // its timed jobs vary by more than 5 %: they never became steady, or are not by nature. It is no sign of contamination
)

// A Sample is what one launch yields: one value per unit. Spread is taken between
// samples, never within one.
type Sample struct {
	Cell  Cell
	Twin  bool // the second launch of an A/A pair; the first is the cell's own sample of the round
	Round int  // from 0
	Block int  // the block's number in the plan
	// Attempt tells apart the turns of a block that is measured again in the same round:
	// 0 for the first. Samples are paired within round, block and attempt.
	Attempt int

	Reps   int                // repetitions timed, the benchmark's iteration count
	Values map[string]float64 // by unit; a unit that was not measured is absent

	Subsample bool      // the job was cut down because serial would have taken too long
	Marks     []string  // why the launch is suspect: see [MarkSteal] and on; empty for a clean one
	At        time.Time // when the launch began
}

// Contaminated reports whether a sample's marks say that other work used the machine during
// the launch.
func (s Sample) Contaminated() bool {
	return slices.ContainsFunc(s.Marks, func(mark string) bool { return mark != MarkUnsettled })
}
