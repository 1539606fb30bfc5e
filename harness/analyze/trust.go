package analyze

import "github.com/payoff-bench/payoff/harness"

// Distrust returns a function that returns the reason why a cell of the run gets no verdict. There
// are two reasons: most launches of the cell were starved, or the A/A pairs (two launches of one
// cell) in its class of similar cells differ too much. For all other cells the function returns "".
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
