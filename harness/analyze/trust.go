package analyze

import "github.com/payoff-bench/payoff/harness"

// Distrust returns a function that decides whether a cell of the run can get a verdict. The
// function returns "" if it can, and otherwise the reason. There are two reasons:
//
//   - Most launches of the cell were starved.
//   - The A/A pairs (two launches of one cell) in the cell's class differ too much.
func Distrust(samples []harness.Sample, set Settings) func(harness.Cell) Note {
	t := newTable(samples, set.filled())
	noisy := map[harness.Class]Note{}
	for _, c := range newClassTwins(t) {
		noisy[c.Class] = c.Doubt
	}
	starved := map[harness.Cell]int{} // starved launches minus other launches; the table has no open loops
	for _, s := range samples {
		if s.Starved() {
			starved[s.Cell]++
		} else {
			starved[s.Cell]--
		}
	}
	return func(c harness.Cell) Note {
		if starved[c] > 0 {
			return "the machine was busy: other processes took the cores of most launches"
		}
		return noisy[harness.ClassOf(c, t.set.Waits(c.Workload))]
	}
}
