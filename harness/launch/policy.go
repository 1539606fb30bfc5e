package launch

import (
	"math"
	"slices"
	"time"
)

// These limits decide when a launch stops repeating its job. The functions that use them depend
// only on makespans.
const (
	fewestTimed = 3

	lastJobs  = 2    // the warm-up ends when this many jobs in a row are steady
	warmShare = 4    // the warm-up takes at least minTime / warmShare
	warmNoise = 2    // it takes at most warmNoise * minTime if jobs are unsteady but no longer get faster
	warmMost  = 5    // it never takes more than warmMost * minTime
	warmGain  = 0.05 // a job that is faster than all earlier jobs by more than this share is still warming up
)

// warm reports whether the warm-up jobs are over: whether the last two jobs had similar makespans,
// or the warm-up has reached its time limit. The argument times holds the makespans of all jobs of
// the launch so far. The first of them is the cold job, which does not count.
//
// The test for similar makespans compares their coefficient of variation with a threshold, as
// Georges, Buytaert and Eeckhout do (Statistically rigorous Java performance evaluation, OOPSLA
// 2007). These authors also take their measurements from the jobs that pass the test. But the test
// selects quiet moments, so payoff times other jobs after the warm-up.
//
// The warm-up has a time limit because some processes never become steady (Barrett et al., Virtual
// machine warmup blows hot and cold, OOPSLA 2017). The limit is higher while jobs still get clearly
// faster. Kalibera and Jones read the end of the warm-up of each cell from a plot (Rigorous
// benchmarking in reasonable time, ISMM 2013). This is impossible for the thousands of cells of a
// run.
func warm(times []time.Duration, minTime time.Duration) bool {
	if len(times) < 2 {
		return false
	}
	warming, last := times[1:], times[len(times)-1]
	spent := sum(warming)
	fastest := slices.Min(times[:len(times)-1])
	switch {
	case spent < minTime/warmShare:
		return false
	case len(warming) >= lastJobs && steady(warming[len(warming)-lastJobs:]):
		return true
	case float64(last) < (1-warmGain)*float64(fastest):
		return spent >= warmMost*minTime
	}
	return spent >= warmNoise*minTime
}

// unsettled is the largest coefficient of variation at which the makespans of jobs count as steady.
const unsettled = 0.05

// steady reports whether makespans are similar: whether their coefficient of variation is at most
// [unsettled]. It returns false for fewer than two makespans. A launch whose timed jobs are not
// steady gets [harness.MarkUnsettled].
func steady(times []time.Duration) bool {
	mean := float64(sum(times)) / float64(len(times))
	var squares float64
	for _, t := range times {
		squares += (float64(t) - mean) * (float64(t) - mean)
	}
	return math.Sqrt(squares/float64(len(times)-1)) <= unsettled*mean
}

// enough reports whether the timed jobs are enough: there are at least three of them, and the sum
// of their makespans is at least minTime.
func enough(times []time.Duration, minTime time.Duration) bool {
	return len(times) >= fewestTimed && sum(times) >= minTime
}

func sum(times []time.Duration) (d time.Duration) {
	for _, t := range times {
		d += t
	}
	return d
}

// median returns the median of the values. The median of durations is in ns.
func median[T time.Duration | float64](values []T) float64 {
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	return (float64(s[(n-1)/2]) + float64(s[n/2])) / 2
}
