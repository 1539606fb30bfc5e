package launch

import (
	"math"
	"slices"
	"time"
)

// How often a launch repeats its job. The policies are pure functions of makespans.
const (
	fewestTimed = 3

	lastJobs  = 3    // so many jobs in a row that are alike end the warm-up
	warmShare = 4    // which takes at least this part of the minimum time,
	warmNoise = 2    // and at most this many times it where the jobs are uneven but no faster than before,
	warmMost  = 5    // and in any case this many times
	warmGain  = 0.05 // a job that is faster than all before by more is still warming up
)

// warm reports whether warming up is over, from the makespans of all jobs so far: when the
// last three are steady. The first job, which is cold, is none of them.
//
// The test is that of Georges, Buytaert and Eeckhout (Statistically rigorous Java performance
// evaluation, OOPSLA 2007), the coefficient of variation of the last k repetitions against a
// threshold. They measure those that pass; here they end the warm-up and others are timed,
// since to measure what passed would choose the quiet moments. Some processes never become
// steady (Barrett et al., Virtual machine warmup blows hot and cold, OOPSLA 2017), so there
// is an end: sooner where more jobs do not help, as the last was no faster than the fastest
// before it. Rejected: looking at a plot of every cell, as Kalibera and Jones do (Rigorous
// benchmarking in reasonable time, ISMM 2013): a run has thousands of them.
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

// unsettled is the coefficient of variation of jobs above which they are not steady.
const unsettled = 0.05

// steady reports whether jobs, at least two, are alike: by the coefficient of variation of
// their makespans. A launch whose timed jobs are not is flagged.
func steady(times []time.Duration) bool {
	mean := float64(sum(times)) / float64(len(times))
	var squares float64
	for _, t := range times {
		squares += (float64(t) - mean) * (float64(t) - mean)
	}
	return math.Sqrt(squares/float64(len(times)-1)) <= unsettled*mean
}

// enough reports whether enough jobs were timed: at least three, and the minimum time.
func enough(times []time.Duration, minTime time.Duration) bool {
	return len(times) >= fewestTimed && sum(times) >= minTime
}

func sum(times []time.Duration) (d time.Duration) {
	for _, t := range times {
		d += t
	}
	return d
}

// median returns the median in ns.
func median(times []time.Duration) float64 {
	var ns []float64
	for _, t := range times {
		ns = append(ns, nanoseconds(t))
	}
	return middle(ns)
}

// middle returns the median.
func middle(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}
