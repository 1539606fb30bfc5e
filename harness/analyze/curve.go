package analyze

import (
	"fmt"
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Curve is one strategy along the grain: efficiency against granularity.
type Curve struct {
	Series Series
	Points []Point   // by growing grain, those where efficiency is known
	METG   Threshold // minimum effective task granularity, of g: the smallest T·C/N at which efficiency is the target
	Work   Threshold // W, of w: the work of a task alone at that point, overhead left out
}

// A Point of a curve.
type Point struct {
	Grain       int      // nominal
	Work        Estimate // w in ns
	Granularity Estimate // g = T·C/N in ns, overhead included
	Efficiency  Estimate
}

// A Threshold is where efficiency passes the target, in ns.
type Threshold struct {
	Kind  ThresholdKind
	At    Estimate // for Passes
	Bound float64  // for AlwaysAbove the smallest, for NeverAbove the largest that was measured
	// Between is for Passes the measured w of the grains on both sides, which At was
	// interpolated between; its interval holds noise, not the error of interpolating.
	Between [2]float64
	Notes   []Note
}

// A ThresholdKind says how a Threshold is to be read.
type ThresholdKind int

const (
	NotResolved ThresholdKind = iota // efficiency comes near the target without clearly passing it
	Passes                           // it passes the target at At
	AlwaysAbove                      // it is never clearly below: the threshold is at most Bound
	NeverAbove                       // it is below up to Bound
)

func (k ThresholdKind) String() string {
	return [...]string{"not resolved", "at", "at most", "none up to"}[k]
}

// String returns the threshold in words: "8.10 µs (7.50 to 8.80 µs)", "at most 210 ns".
func (t Threshold) String() string {
	switch t.Kind {
	case Passes:
		if !t.At.Bounded() {
			return Time(t.At.Value, 3)
		}
		return fmt.Sprintf("%s (%s)", Time(t.At.Value, 3), t.At.Range())
	case AlwaysAbove, NeverAbove:
		return t.Kind.String() + " " + Time(t.Bound, 3)
	}
	return t.Kind.String()
}

// A level is one grain of two times that are compared along the work of a task: in each
// turn w, and the difference of the times, whose zero is looked for. All in ns.
type level struct {
	work  float64 // median of w
	w, by map[turn]float64
	est   Estimate // ratio of the times, where the verdict on the side is taken from it
}

// curves locates METG(E) as Slaughter et al. define it (Task Bench, SC 2020), with
// g = T·C/N: where E = w/g passes the target. There g = w/E, so METG is W over the target.
func (s sweep) curves(t *table, set Settings) []Curve {
	var out []Curve
	for _, who := range s.series {
		if who.Strategy == harness.Direct {
			continue // its efficiency is 1/C by definition
		}
		curve := Curve{Series: who}
		var levels []level
		for _, grain := range s.grains {
			c, ok := s.cell(who, grain)
			if !ok {
				continue
			}
			pairs := t.pairs(c, direct(c))
			if len(pairs) == 0 {
				continue
			}
			l := level{work: summary(t.values(direct(c)), set.Confidence).Value, w: map[turn]float64{}, by: map[turn]float64{}}
			for _, p := range pairs {
				at := turn{p.turn.round, p.turn.attempt, 0}
				w := t.cells[direct(c)][p.turn].ns
				l.w[at] = w
				l.by[at] = w - set.Efficiency*float64(c.Cores)*w*math.Exp(p.log)
			}
			speedup := fromLogs(negate(logs(pairs)), set.Confidence)
			curve.Points = append(curve.Points, Point{
				Grain:       grain,
				Work:        summary(t.values(direct(c)), set.Confidence),
				Granularity: summary(t.values(c), set.Confidence).Times(float64(c.Cores)),
				Efficiency:  speedup.Times(1 / float64(c.Cores)),
			})
			l.est = speedup.Times(1 / float64(c.Cores) / set.Efficiency)
			levels = append(levels, l)
		}
		if len(levels) == 0 {
			continue
		}
		curve.Work = threshold(levels, set.Confidence)
		curve.METG = curve.Work
		curve.METG.At = curve.Work.At.Times(1 / set.Efficiency)
		switch ps := curve.Points; curve.Work.Kind {
		case AlwaysAbove:
			i := firstAbove(levels)
			curve.Work.Bound, curve.METG.Bound = ps[i].Work.Value, ps[i].Granularity.Value
		case NeverAbove:
			curve.Work.Bound, curve.METG.Bound = ps[len(ps)-1].Work.Value, ps[len(ps)-1].Granularity.Value
		}
		out = append(out, curve)
	}
	return out
}

func firstAbove(levels []level) int {
	return slices.IndexFunc(levels, func(l level) bool { return l.est.Bounded() && l.est.Lo > 1 })
}

func isBelow(l level) bool { return l.est.Bounded() && l.est.Hi < 1 }

// threshold finds where efficiency passes the target from below: between the last level that lies
// wholly below and the first that lies wholly above.
func threshold(levels []level, confidence float64) Threshold {
	hi := firstAbove(levels)
	if hi < 0 {
		for _, l := range levels {
			if !isBelow(l) {
				return Threshold{Notes: []Note{"efficiency comes near the target or has no interval, and is at no grain clearly above it"}}
			}
		}
		return Threshold{Kind: NeverAbove}
	}
	lo := hi - 1
	for lo >= 0 && !isBelow(levels[lo]) {
		lo--
	}
	if lo < 0 {
		out := Threshold{Kind: AlwaysAbove}
		if hi > 0 {
			out.Notes = append(out.Notes, "at smaller grains efficiency is on neither side of the target clearly: the threshold may be far lower")
		}
		return out
	}
	out := Threshold{Kind: Passes, Between: [2]float64{levels[lo].work, levels[hi].work}}
	roots, n := roots(levels[lo : hi+1])
	out.At = fromLogs(roots, confidence)
	if len(roots) == 0 {
		return Threshold{Notes: []Note{"no round holds the grains on both sides of the target"}}
	}
	if len(roots) < n {
		out.Notes = append(out.Notes, Note(fmt.Sprintf("%d of %d rounds pass the target between these grains", len(roots), n)))
	}
	if slices.ContainsFunc(levels[hi+1:], isBelow) {
		out.Notes = append(out.Notes, "efficiency falls below the target again at a larger grain: this is the smallest")
	}
	return out
}

// roots returns for each turn that has all levels ln(w) where the difference passes zero;
// the middle one where noise lets it pass more than once. n is the number of turns that
// have all levels. Between neighbouring grains times are interpolated linearly in w:
// T = S + N·max((w+o)/P, d) is made of straight lines, so this is exact but for its bend,
// while straight lines between logarithms are off by 30 % on grains a decade apart.
func roots(levels []level) (xs []float64, n int) {
	for _, at := range turns(levels[0].by) {
		var w, by []float64
		for _, l := range levels {
			if v, ok := l.by[at]; ok {
				w, by = append(w, l.w[at]), append(by, v)
			}
		}
		if len(by) < len(levels) {
			continue
		}
		n++
		var found []float64
		for i := 1; i < len(by); i++ {
			if (by[i-1] < 0) != (by[i] < 0) {
				found = append(found, math.Log(w[i-1]+(w[i]-w[i-1])*by[i-1]/(by[i-1]-by[i])))
			}
		}
		if len(found)%2 == 1 { // an even number ends on the side where it began
			xs = append(xs, found[len(found)/2])
		}
	}
	return xs, n
}
