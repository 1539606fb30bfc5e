package analyze

import (
	"fmt"
	"math"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// DefaultPrecision is the half-width of intervals, as a share, from which on a block is
// no longer measured.
const DefaultPrecision = 0.015

// clearly is how many half-widths of its interval a ratio must lie from the nearest edge of
// the margin for its verdict to be settled whatever the width: so many that further rounds
// will not move it across. At six rounds that is a level of 0.0001, so that looking after
// every round wastes nothing of the 5 % that verdicts have.
const clearly = 4

// Judge returns a function that says of a block's samples whether they are enough. Each two
// cells of the block that a question compares are settled when, in each of the last two of at
// least [harness.FewestRounds] rounds, the half-width of their ratio's interval was at most the
// precision, or a fraction of the ratio's distance from the margin; so a job that takes three
// times as long need not be known to the per cent.
//
// Both look at widths: that a difference became significant settles nothing, since a run that
// stops for that finds differences where there are none (Armitage, McPherson and Rowe, J. R. Stat.
// Soc. A 132, 1969). An interval is narrow by chance now and then, and wrong more often when
// it is. Therefore two rounds in a row, and from [SignTestFrom] on the t interval, which
// depends on the spread of all rounds, as well: of the verdicts on a strategy that is slower by
// just the margin 6 % are wrong then, where 5 % may be, and 8 % without.
//
// Judge looks twice at a job with a chosen number of tasks: at its cost without workers and with
// them. The samples of a block do not show whether the run sweeps that number.
func Judge(precision float64, set Settings) func([]harness.Sample) harness.Standing {
	set = set.filled()
	return func(samples []harness.Sample) harness.Standing {
		if len(samples) == 0 {
			return harness.Standing{Rounds: harness.FewestRounds, Open: "not measured"}
		}
		out := harness.Standing{Settled: true}
		worst, known := 0.0, true
		for _, t := range []*table{newTable(samples, set), tableOf(samples, set, cold)} {
			for j, b := range t.all {
				for _, a := range t.all[j+1:] {
					if b != direct(b) && PlaceOf(a) != PlaceOf(b) {
						continue // no question has both
					}
					open, need := precise(logs(t.pairs(a, b)), precision, set)
					if open == 0 {
						continue
					}
					out.Settled = false
					known = known && need > 0
					out.Rounds = max(out.Rounds, need)
					if open > worst {
						worst, out.Open = open, openPair(a, b, open)
					}
				}
			}
		}
		if !known {
			out.Rounds = 0
		}
		return out
	}
}

func openPair(a, b harness.Cell, half float64) string {
	text := Label(a) + " against " + Label(b)
	if math.IsInf(half, 1) {
		return text + " without an interval"
	}
	return fmt.Sprintf("%s ± %s", text, format.Percent(math.Round(half*1000)/1000))
}

// precise returns the half-width of the interval of paired log-ratios where it is too wide,
// else 0, and how many pairs would make it narrow enough were their spread to stay; 0 for
// more than mostRounds.
func precise(logs []float64, precision float64, set Settings) (open float64, need int) {
	n := len(logs)
	if n < 3 {
		return math.Inf(1), harness.FewestRounds
	}
	last, half, enough := narrow(logs, precision, set)
	before, _, _ := narrow(logs[:n-1], precision, set)
	if last && before && n >= harness.FewestRounds {
		return 0, 0
	}
	_, se := meanError(logs)
	sd := se * math.Sqrt(float64(n))
	for range 8 { // the quantile depends on need only weakly
		q := quantile(max(need, n+1), 1-set.Confidence)
		need = int(min(mostRounds+1, math.Ceil(math.Pow(q*sd/enough, 2))))
	}
	if need >= SignTestFrom { // it is the interval of the median that must be narrow
		need *= medianNeeds
	}
	if need > mostRounds {
		return math.Expm1(half), 0
	}
	if !last {
		n++ // two in a row must be narrow
	}
	return math.Expm1(half), max(harness.FewestRounds, n+1, need)
}

const (
	// medianNeeds is how many times as many rounds the interval of the median takes to be as
	// narrow as the t interval: π/2 where noise is normal, and a third more for the wider of its
	// two sides. With it half of the simulated runs were settled by the rounds that the first six called for.
	medianNeeds = 2
	// mostRounds is the largest number of rounds that is worth asking for.
	mostRounds = 1000
)

// narrow reports whether the interval of the logarithms has a half-width that is enough.
func narrow(logs []float64, precision float64, set Settings) (ok bool, half, enough float64) {
	center, lo, hi := bounds(logs, set.Confidence)
	_, se := meanError(logs)
	half = max(hi-center, center-lo, se*quantile(len(logs), 1-set.Confidence))
	m := math.Log1p(set.Margin)
	enough = max(math.Log1p(precision), (math.Abs(center)-m)/clearly)
	return half <= enough, half, enough
}
