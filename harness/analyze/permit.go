package analyze

import (
	"math"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// A permit decides which verdicts on makespans a run may give. Its A/A pairs show how far two
// launches of one cell lie apart, and its accounts of CPU and idle time whether a strategy was
// faster or only had more of the machine.
type permit struct {
	set    Settings
	noisy  map[harness.Class]Note
	shares *table // core time per task that the launch itself used or left idle, in ns
}

// newPermit returns the permit of a run, from the A/A pairs of each class.
func newPermit(samples []harness.Sample, classes []ClassTwins, set Settings) permit {
	p := permit{set: set, noisy: map[harness.Class]Note{}, shares: tableOf(samples, set, ownTime)}
	for _, c := range classes {
		p.noisy[c.Class] = c.Doubt
	}
	return p
}

// ownTime returns the time of the cores, per task, that other processes did not take.
func ownTime(s harness.Sample) float64 {
	return s.Values[harness.UnitTask] * float64(s.Cell.Cores) * (1 - s.Values[harness.UnitTaken])
}

// may returns why a verdict may not be given; "" if it may.
func (p permit) may(a, b harness.Cell, c Comparison) Note {
	for _, cell := range []harness.Cell{a, b} {
		if doubt := p.noisy[harness.ClassOf(cell, p.set.Waits(cell.Workload))]; doubt != "" {
			return doubt
		}
	}
	if c.Verdict != Better && c.Verdict != Worse {
		return ""
	}
	// T·C of a launch is its CPU time, its idle time and the time that others took. The first
	// two must show more than half of the difference.
	own := fromLogs(logs(p.shares.pairs(a, b)), p.set.Confidence)
	if !own.Known() || math.Log(own.Value)/math.Log(c.Ratio.Value) > 0.5 {
		return ""
	}
	return notef("the measures disagree: makespans say %s, CPU and idle time together %s; other processes took more of the cores from one of the two",
		format.Number(c.Ratio.Value, 3), format.Number(own.Value, 3))
}
