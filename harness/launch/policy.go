package launch

import (
	"math"
	"slices"
	"time"
)

// What a launch repeats, and when that is enough. These are pure: they are told makespans
// and say whether to go on.
const (
	fewestTimed = 3

	warmShare = 4    // warm-up runs for at least this part of the minimum time
	warmMost  = 5    // and at most this many times the minimum time,
	warmJobs  = 20   // and this many jobs
	warmGain  = 0.05 // a job that is faster than all before by more says that it goes on
)

// warm reports whether warming up is over: when the last job was no longer faster than the
// fastest before it by more than 5 %. It takes at least one job beside the first, which is
// cold, and a quarter of the minimum time; it ends in any case after 20 jobs or five
// times the minimum time.
func warm(times []time.Duration, minTime time.Duration) bool {
	if len(times) < 2 {
		return false
	}
	spent := sum(times[1:])
	if spent >= warmMost*minTime || len(times)-1 >= warmJobs && spent >= minTime/warmShare {
		return true
	}
	last := len(times) - 1
	fastest := slices.Min(times[:last])
	return spent >= minTime/warmShare && float64(times[last]) >= (1-warmGain)*float64(fastest)
}

// unsettled is the coefficient of variation of the timed jobs above which they never became
// steady.
const unsettled = 0.05

// steady reports whether the timed jobs are alike: by the coefficient of variation of the
// repetitions that are measured, as Georges, Buytaert and Eeckhout tell steady state in one
// process (OOPSLA 2007). Jobs are not measured until they pass, which would choose the quiet
// moments; a launch whose jobs do not is flagged.
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
