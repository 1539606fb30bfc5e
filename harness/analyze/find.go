package analyze

import (
	"math"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A Boundary is the result of a [harness.Search]: the value of an axis at which two strategies take
// the same time, or at which a strategy reaches an efficiency.
type Boundary struct {
	Kind CrossKind
	// At is, for Crosses, the boundary. On the axis grain it is the measured work w in ns.
	At Estimate
	Up bool // for Crosses and TieBand: A is better above the boundary
	// Between holds, for Crosses and TieBand, the nearest measured values below and above the
	// boundary at which one of the two sides is shown to be better.
	Between [2]float64
	Points  []SearchPoint // the measured values, in increasing order
	Near    int           // rounds near the boundary, from which the interval comes
	Busy    bool          // the search has no answer, and most launches were starved
	Why     Note          // for Unclear: the reason
	Done    bool          // the search has its answer
	More    bool          // further launches may give the answer
}

// A SearchPoint is one value at which a search measured.
type SearchPoint struct {
	Value   float64 // on the axis; for grain, the measured work w in ns
	Ratio   float64 // T_A/T_B; for a METG, the target efficiency divided by the efficiency of A
	Verdict Verdict // of A against B, or against the target
	Rounds  int
}

// A Finder chooses where a [harness.Search] measures next, and computes its result.
type Finder struct {
	search harness.Search
	set    Settings
	cells  [][2]harness.Cell // A and B of each block
	values []int
	since  time.Time // earlier launches do not count when Finder judges whether the machine is too busy
}

// NewFinder returns a finder for the search s. blocks holds one block for each value of the search.
// since is the time at which the search was resumed, or zero. A search that ended on a busy machine
// can be resumed, because starved launches before since no longer end it.
func NewFinder(s harness.Search, blocks []harness.Block, set Settings, since time.Time) Finder {
	f := Finder{search: s, set: set.filled(), values: s.Values(), since: since}
	for _, b := range blocks {
		pair := [2]harness.Cell{b.Cells[1], b.Cells[0]}
		if s.B != harness.Direct {
			pair[1] = b.Cells[2]
		}
		f.cells = append(f.cells, pair)
	}
	return f
}

// The first scan of a search measures scanPoints values for each factor of 10 of the range, but in
// total at least fewestScan and at most mostScan values.
const (
	scanPoints = 1.25
	fewestScan = 5
	mostScan   = 9
)

// seek returns the state of the search that follows from the samples, and the table of the samples.
func (f Finder) seek(samples []harness.Sample) (seek, *table) {
	t := newTable(samples, f.set)
	t.busy = map[harness.Cell]bool{} // a search uses the clean turns of a busy machine; see Busy
	s := seek{precision: f.search.Precision, confidence: f.set.Confidence}
	for _, a := range harness.SearchAxes() {
		s.whole = s.whole || a.Key == f.search.Axis && a.Whole
	}
	if f.search.Goal == harness.FindCrossover {
		s.margin = f.set.Margin
	}
	decades := math.Log10(float64(f.search.To) / float64(f.search.From))
	s.scan = min(max(int(math.Round(decades*scanPoints))+1, fewestScan), mostScan, len(f.values))
	limit := math.Log(f.search.Limit())
	for i, v := range f.values {
		r := rung{x: math.Log(float64(v))}
		for _, p := range join(t.cells[f.cells[i][0]], t.cells[f.cells[i][1]]) {
			if p.turn.block == i {
				r.add(p.log - limit)
			}
		}
		s.rungs = append(s.rungs, r)
	}
	return s, t
}

// Next returns the index of the block to measure next. more is false if the search has its answer,
// or cannot get one because other processes take the cores.
func (f Finder) Next(samples []harness.Sample) (block int, more bool) {
	if f.busy(samples) {
		return 0, false
	}
	s, _ := f.seek(samples)
	at, found := s.next()
	return at, !found.done
}

// busyTurns is the number of launches that a search must have before it can end because most of
// them were starved.
const busyTurns = 24

// busy reports whether most launches since f.since were starved: other processes took their cores.
// It reports false for fewer than [busyTurns] launches.
func (f Finder) busy(samples []harness.Sample) bool {
	samples = only(samples, func(s harness.Sample) bool { return !s.At.Before(f.since) })
	starved := len(only(samples, harness.Sample.Starved))
	return len(samples) >= busyTurns && 2*starved > len(samples)
}

// Found returns the result of the search that follows from the samples.
func (f Finder) Found(samples []harness.Sample) Boundary {
	s, t := f.seek(samples)
	_, found := s.next()
	b := Boundary{Kind: found.kind, Up: found.up, Near: found.n, Done: found.done, More: !found.done}
	for i, r := range s.rungs {
		if r.n > 0 {
			b.Points = append(b.Points, SearchPoint{f.value(t, i), math.Exp(r.mean), verdictOf(found.signs[i]), r.n})
		}
	}
	if found.kind == Crosses || found.kind == TieBand {
		b.Between = [2]float64{f.value(t, found.sides[0]), f.value(t, found.sides[1])}
	}
	if found.kind == Crosses {
		if !found.done {
			found.lo, found.hi = found.fit.interval(found.at, f.set.Confidence)
		}
		b.At = f.scaled(t, s, found)
	}
	b.Busy = !found.done && f.busy(samples)
	if b.Busy {
		b.Done, b.Why = false, "the machine is too busy: other processes took the cores of most launches"
	} else if found.edge {
		b.Done, b.Why = false, "the boundary is at the end of the range; give a wider range by --from or --to"
	} else if doubt := f.doubt(samples, t, s, found); doubt != "" && found.done {
		b.Done, b.Why = false, doubt
	} else if !found.done {
		b.Why = "the budget ended the search"
	}
	return b
}

// doubt returns a reason to doubt the signs of the rungs from which the result follows, such as A/A
// pairs that differ too much. It returns "" if there is no such reason.
func (f Finder) doubt(samples []harness.Sample, t *table, s seek, found finding) Note {
	differ := only(newClassTwins(t), func(c ClassTwins) bool { return !c.Holds }) // the interval has the noise already
	may := permit(samples, differ, f.set)
	limit := math.Log(f.search.Limit())
	for i, r := range s.rungs {
		side := found.kind != Crosses || i == found.sides[0] || i == found.sides[1]
		if v := verdictOf(found.signs[i]); side && (v == Better || v == Worse) {
			k := contest{a: f.cells[i][0], b: f.cells[i][1], limit: limit}
			if why := may(k, Comparison{Verdict: v, Ratio: Estimate{Value: math.Exp(r.mean), N: r.n}}); why != "" {
				return why
			}
		}
	}
	return ""
}

func verdictOf(s sign) Verdict {
	return map[sign]Verdict{below: Better, above: Worse, tied: Equivalent}[s]
}

// value returns the value of block i on the axis; for grain, the measured work w.
func (f Finder) value(t *table, i int) float64 {
	if w := t.median(direct(f.cells[i][0])); f.search.Axis == "grain" && w.Known() {
		return w.Value
	}
	return float64(f.values[i])
}

// scaled returns the boundary of the finding, which is a logarithm, as a value of the axis. For the
// axis grain, it multiplies the nominal grain by the ratio of measured to nominal work near the
// boundary. The interval includes the error of this ratio.
func (f Finder) scaled(t *table, s seek, found finding) Estimate {
	shift, error := 0.0, 0.0
	if f.search.Axis == "grain" {
		var logs []float64
		for i, r := range s.rungs {
			loop := direct(f.cells[i][0])
			if math.Abs(r.x-found.at) > max(found.fit.reach, found.hi-found.lo) {
				continue
			}
			for _, at := range turns(t.cells[loop]) {
				logs = append(logs, math.Log(t.cells[loop][at].ns)-r.x)
			}
		}
		if len(logs) > 1 {
			shift, error = meanError(logs)
			error *= quantile(len(logs), 1-f.set.Confidence)
		}
	}
	lo, hi := found.at-math.Hypot(found.at-found.lo, error), found.at+math.Hypot(found.hi-found.at, error)
	return Estimate{math.Exp(found.at + shift), math.Exp(lo + shift), math.Exp(hi + shift), max(2, found.n)}
}

// Nearest returns the measured value at which the two strategies differ least.
func (b Boundary) Nearest() SearchPoint {
	return slices.MinFunc(b.Points, func(p, q SearchPoint) int {
		if math.Abs(math.Log(p.Ratio)) < math.Abs(math.Log(q.Ratio)) {
			return -1
		}
		return 1
	})
}

// Zones returns the stretches of measured values with one verdict; it leaves out unresolved values.
func (b Boundary) Zones() (zones []Zone) {
	for _, p := range b.Points {
		n := len(zones)
		switch {
		case p.Verdict == Unresolved:
		case n > 0 && zones[n-1].Verdict == p.Verdict:
			zones[n-1].To = p.Value
		default:
			zones = append(zones, Zone{p.Verdict, p.Value, p.Value})
		}
	}
	return zones
}
