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
	Notes []Note
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

// A level is one grain of two quantities that are compared along the work of a task: in
// each turn ln(w) and y, whose zero is looked for.
type level struct {
	x, y map[turn]float64
	est  Estimate // of exp(y)
}

// curves locates METG(E) as Slaughter et al. define it (Task Bench, SC 2020), with
// g = T·C/N: where E = w/g passes the target, in each round by linear interpolation of
// ln E over ln w between neighbouring grains. There g = w/E, so METG is W over the target.
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
			l := level{x: map[turn]float64{}, y: map[turn]float64{}}
			for _, p := range pairs {
				at := turn{p.turn.round, p.turn.attempt, 0}
				l.x[at] = math.Log(t.cells[direct(c)][p.turn].ns)
				l.y[at] = -p.log - math.Log(float64(c.Cores)) - math.Log(set.Efficiency)
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

// threshold finds where y passes zero from below: between the last level that lies
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
		return Threshold{Kind: AlwaysAbove}
	}
	out := Threshold{Kind: Passes}
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

// roots returns for each turn that has all levels the x at which y passes zero, by
// linear interpolation; the middle one where noise lets it pass more than once. n is the
// number of turns that have all levels.
func roots(levels []level) (xs []float64, n int) {
	for _, at := range turns(levels[0].y) {
		var x, y []float64
		for _, l := range levels {
			if v, ok := l.y[at]; ok {
				x, y = append(x, l.x[at]), append(y, v)
			}
		}
		if len(y) < len(levels) {
			continue
		}
		n++
		var found []float64
		for i := 1; i < len(y); i++ {
			if (y[i-1] < 0) != (y[i] < 0) {
				found = append(found, x[i-1]+(x[i]-x[i-1])*y[i-1]/(y[i-1]-y[i]))
			}
		}
		if len(found)%2 == 1 { // an even number ends on the side where it began
			xs = append(xs, found[len(found)/2])
		}
	}
	return xs, n
}
