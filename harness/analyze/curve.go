package analyze

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
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
	Work        Estimate // w in ns
	Granularity Estimate // g = T·C/N in ns, overhead included
	Efficiency  Estimate
}

// Drawable reports whether the point can stand on logarithmic axes.
func (p Point) Drawable() bool {
	product := p.Granularity.Value * p.Efficiency.Value
	return product > 0 && !math.IsInf(product, 1)
}

// A Threshold is where efficiency passes the target, in ns.
type Threshold struct {
	Kind  ThresholdKind
	At    Estimate // for Passes
	Bound float64  // for AlwaysAbove the smallest g or w that is above, else the largest that was measured
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

// String returns the threshold in words: "8.10 µs (7.50 to 8.80 µs)", "at most 210 ns".
func (t Threshold) String() string {
	switch at := format.Time(t.At.Value, 3); {
	case t.Kind == Passes && t.At.Bounded():
		return at + " (" + t.At.Range() + ")"
	case t.Kind == Passes:
		return at
	case t.Kind == AlwaysAbove:
		return "at most " + format.Time(t.Bound, 3)
	case t.Kind == NeverAbove:
		return "none up to " + format.Time(t.Bound, 3)
	}
	return "not resolved"
}

// A level is one grain of two times that are compared along the work of a task, in ns.
type level struct {
	work  float64           // median of w
	turns map[turn]distance // of all blocks
	est   Estimate          // ratio of the times, where the verdict on the side is taken from it
}

// A distance is w in one turn, and the difference of the times, whose zero is sought.
type distance struct{ w, times float64 }

// newLevel takes the difference of the times in each turn of the pairs.
func (t *table) newLevel(loop harness.Cell, pairs []pair, difference func(p pair, w float64) float64) level {
	l := level{work: t.median(loop).Value, turns: map[turn]distance{}}
	for _, p := range pairs {
		w := t.at(loop, p.turn)
		l.turns[p.turn.anyBlock()] = distance{w, difference(p, w)}
	}
	return l
}

// curves locates METG(E) as Slaughter et al. define it (Task Bench, SC 2020), with
// g = T·C/N: where E = w/g passes the target. There g = w/E, so METG is W over the target.
//
// Between two grains the time may follow the straight line or lie below it, since it bends where
// the dispatcher stops being the bottleneck; see [bend]. The value is the geometric middle
// of the two, and the interval covers both.
func (g grid) curves() []Curve {
	var out []Curve
	target := g.set.Efficiency
	for _, who := range g.series {
		if isDirect(who) {
			continue // its efficiency is 1/C by definition
		}
		perWorker := target * float64(who.Cores) / float64(min(who.Workers, who.Cores))
		curve := Curve{Series: who}
		cores := float64(who.Cores)
		var levels []level
		for _, grain := range g.grains {
			c, ok := g.cell(who, grain)
			pairs := g.pairs(c, direct(c))
			if _, several := g.several(direct(c)); !ok || len(pairs) == 0 || several {
				continue
			}
			p := Point{
				Work:        g.median(direct(c)),
				Granularity: g.median(c).Times(cores),
				Efficiency:  g.speedup(c).Times(1 / cores),
			}
			l := g.newLevel(direct(c), pairs, func(p pair, w float64) float64 { return w - target*cores*w*math.Exp(p.log) })
			l.est = p.Efficiency.Times(1 / target)
			curve.Points, levels = append(curve.Points, p), append(levels, l)
		}
		if len(levels) == 0 {
			continue
		}
		curve.Work = threshold(levels, perWorker, g.set.Confidence)
		curve.METG = curve.Work
		curve.METG.At = curve.Work.At.Times(1 / target)
		bound := len(levels) - 1
		if curve.Work.Kind == AlwaysAbove {
			bound = firstAbove(levels)
		}
		curve.Work.Bound, curve.METG.Bound = curve.Points[bound].Work.Value, curve.Points[bound].Granularity.Value
		out = append(out, curve)
	}
	return out
}

// Line returns points of granularity and efficiency between those that were measured, as the
// model of [line] has them: the time of a task is linear in its work w = E·g between
// neighbouring grains. METG is read off this line.
func (c Curve) Line() (line [][2]float64) {
	const steps = 16
	var g1, w1 float64
	for _, p := range c.Points {
		if !p.Drawable() {
			continue
		}
		g2, w2 := p.Granularity.Value, p.Granularity.Value*p.Efficiency.Value
		for k := 0; k < steps && g1 > 0; k++ {
			w := w1 * math.Pow(w2/w1, float64(k)/steps)
			g := g1 + (g2-g1)*(w-w1)/(w2-w1)
			if w1 == w2 {
				g, w = g1, w1
			}
			line = append(line, [2]float64{g, w / g})
		}
		g1, w1 = g2, w2
	}
	if g1 > 0 {
		line = append(line, [2]float64{g1, w1 / g1})
	}
	return line
}

func firstAbove(levels []level) int {
	return slices.IndexFunc(levels, func(l level) bool { return l.est.Bounded() && l.est.Lo > 1 })
}

func isBelow(l level) bool { return l.est.Bounded() && l.est.Hi < 1 }

// threshold finds where efficiency passes the target from below: between the last level that lies
// wholly below and the first that lies wholly above. PerWorker is the target times the cores
// over the workers.
func threshold(levels []level, perWorker, confidence float64) Threshold {
	hi := firstAbove(levels)
	if hi < 0 {
		if len(only(levels, isBelow)) == len(levels) {
			return Threshold{Kind: NeverAbove}
		}
		return Threshold{Notes: []Note{"efficiency comes near the target or has no interval, and is at no grain clearly above it"}}
	}
	lo := hi - 1
	for lo >= 0 && !isBelow(levels[lo]) {
		lo--
	}
	switch {
	case lo < 0 && hi > 0:
		return Threshold{Kind: AlwaysAbove, Notes: []Note{"at smaller grains efficiency is on neither side of the target clearly: the threshold may be far lower"}}
	case lo < 0:
		return Threshold{Kind: AlwaysAbove}
	}
	out := Threshold{Kind: Passes}
	out.At, out.Between, out.Notes = pass(levels[lo:hi+1], confidence, "target", "pass the target")
	if !out.At.Known() {
		return Threshold{Notes: out.Notes}
	}
	if xs, _ := roots(levels[lo:hi+1], bend(perWorker)); len(xs) > 0 {
		least := fromLogs(xs, confidence)
		if out.At.Value > bendNoted*least.Value {
			out.Notes = append(out.Notes, "the time may bend between these grains; the interval covers that")
		}
		out.At.Value = math.Sqrt(out.At.Value * least.Value)
		out.At.Lo = min(out.At.Lo, least.Lo)
	}
	if slices.ContainsFunc(levels[hi+1:], isBelow) {
		out.Notes = append(out.Notes, "efficiency falls below the target again at a larger grain: this is the smallest")
	}
	return out
}

// pass returns the w at which the difference of the times passes zero, and the measured w of
// the grains on both sides.
func pass(levels []level, confidence float64, point, verb string) (at Estimate, between [2]float64, notes []Note) {
	xs, n := roots(levels, line)
	if len(xs) == 0 {
		notes = []Note{notef("no round holds the grains on both sides of the %s", point)}
	} else if len(xs) < n {
		notes = []Note{notef("%d of %d rounds %s between these grains", len(xs), n, verb)}
	}
	return fromLogs(xs, confidence), [2]float64{levels[0].work, levels[len(levels)-1].work}, notes
}

// roots returns for each turn that has all levels ln(w) where the difference passes zero, by a
// model of what lies between two neighbouring grains; the middle one where noise lets it pass
// more than once. N is the number of turns that have all levels.
func roots(levels []level, model func(a, b distance) float64) (xs []float64, n int) {
	for _, at := range turns(levels[0].turns) {
		if slices.ContainsFunc(levels, func(l level) bool { _, ok := l.turns[at]; return !ok }) {
			continue
		}
		n++
		var found []float64
		for i, l := range levels[1:] {
			a, b := levels[i].turns[at], l.turns[at]
			if (a.times < 0) != (b.times < 0) {
				found = append(found, math.Log(model(a, b)))
			}
		}
		if len(found)%2 == 1 { // an even number ends on the side where it began
			xs = append(xs, found[len(found)/2])
		}
	}
	return xs, n
}

// line returns where the difference passes zero if it is linear in w between a and b:
// T = S + N·max((w+o)/P, d) is made of straight lines, so this is exact but for its bend, while
// straight lines between logarithms are off by 30 % on grains a decade apart.
func line(a, b distance) float64 { return a.w + (b.w-a.w)*a.times/(a.times-b.times) }

// bendNoted is the ratio of the two ends that a bend permits from which on a note says so.
const bendNoted = 1.1

// bend returns the least w at which efficiency may pass the target between a and b. The time of
// a task is convex in w: it is at least that of a, and grows by 1/P per unit of w at most,
// which is the slope of P workers that only work. Both bounds are lines that pass the target.
func bend(perWorker float64) func(a, b distance) float64 {
	return func(a, b distance) float64 {
		most := line(a, b)
		if a.times > 0 || perWorker >= 1 {
			return most // it falls below the target, or so few workers never reach it
		}
		flat, steep := a.w-a.times, (b.w-b.times-perWorker*b.w)/(1-perWorker)
		return min(most, max(a.w, flat, steep))
	}
}
