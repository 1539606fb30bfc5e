package analyze

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// A Curve holds the efficiency of one strategy at each grain (nominal work of a task).
type Curve struct {
	Series Series
	Points []Point   // by increasing grain, where efficiency is known
	METG   Threshold // minimum effective task granularity: the smallest g = T·C/N at the target efficiency
	Work   Threshold // W: the work w of a task, without overhead, at the METG
}

// A Point holds the results of a [Curve] at one grain.
type Point struct {
	Work        Estimate // w in ns
	Granularity Estimate // g = T·C/N in ns, overhead included
	Efficiency  Estimate
}

// A Threshold is the task size in ns at which the efficiency of a strategy reaches the target.
type Threshold struct {
	Kind  ThresholdKind
	At    Estimate // for Passes: the threshold
	Bound float64  // for AlwaysAbove: the smallest g (METG) or w (Work) whose efficiency is above the target; else the largest one measured
	// Between is, for Passes, the measured w of the grains on both sides, between which At is
	// interpolated. The interval of At covers noise and a possible bend of the time between
	// these grains; see curves.
	Between [2]float64
	N       int // number of rounds, at the grain with the fewest rounds
	Notes   []Note
}

// A ThresholdKind says whether the efficiency of a strategy reaches the target within the measured
// grains.
type ThresholdKind int

const (
	NotResolved ThresholdKind = iota // efficiency comes near the target without clearly passing it
	Passes                           // efficiency crosses the target at At
	AlwaysAbove                      // efficiency is never clearly below the target: the threshold is at most Bound
	NeverAbove                       // efficiency is below the target up to Bound
)

// String returns the threshold in words: "8.10 µs (7.50 to 8.80 µs)", "at most 210 ns". If the
// threshold has too few rounds for a verdict, the text ends with their number: "at most 210 ns,
// likely, 2 rounds".
func (t Threshold) String() string {
	if few := Tentative(t.N); few != "" && t.Kind != NotResolved {
		return t.words() + ", " + few
	}
	return t.words()
}

func (t Threshold) words() string {
	switch at := format.Time(t.At.Value, 3); {
	case t.Kind == Passes && t.At.Bounded():
		return at + " (" + t.At.Range() + ")"
	case t.Kind == Passes:
		return at
	case t.Kind == AlwaysAbove:
		return "at most " + format.Time(t.Bound, 3)
	case t.Kind == NeverAbove:
		return "not reached up to " + format.Time(t.Bound, 3)
	}
	return "not resolved"
}

// A level holds the measurements of a Crossover or a Curve at one grain. For each turn, it has the
// difference between two times, both in ns per task:
//
//   - For a Crossover, the makespan of A minus that of B.
//   - For a Curve, the work w minus the product of target efficiency and core time.
//
// The sign of the difference says on which side of the crossing or threshold the grain is.
type level struct {
	work  float64           // median of w
	turns map[turn]distance // keyed by turn.anyBlock
	est   Estimate          // for a Curve: efficiency divided by the target
}

// A distance holds the work w of a task and the difference of two times (see [level]), both from
// one turn. A threshold or a crossing is the w at which the difference is 0.
type distance struct{ w, times float64 }

// newLevel returns the measurements at the grain of the cell loop, which is a direct loop. The
// function difference returns the difference of two times (see [level]) for a pair p. Its argument
// w is the time of the direct loop in the same turn.
func (t *table) newLevel(loop harness.Cell, pairs []pair, difference func(p pair, w float64) float64) level {
	l := level{work: t.median(loop).Value, turns: map[turn]distance{}}
	for _, p := range pairs {
		w := t.at(loop, p.turn)
		l.turns[p.turn.anyBlock()] = distance{w, difference(p, w)}
	}
	return l
}

// curves returns the efficiency curve of each strategy of the grid. The efficiency is w/g, where w
// is the work of a task in the direct loop, and g = T·C/N is the core time per task (T makespan, C
// cores, N tasks). METG(E) is the g at which the efficiency reaches E (Slaughter et al., Task
// Bench, SC 2020). At this point g = w/E, so METG is the w of the point divided by E.
//
// The threshold w is estimated between two measured grains. There the time of a task is a straight
// line in w, or a line with a bend where the dispatcher stops being the bottleneck (see [bend]).
// The estimate is the geometric mean of two values: the w without a bend, and the w with the
// largest possible bend. The interval of the estimate covers both.
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
		for _, size := range g.sizes {
			c, ok := g.cell(who, size)
			pairs := g.pairs(c, direct(c))
			if !ok || len(pairs) == 0 || g.parallel(direct(c)) {
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
		curve.Work.N = slices.Min(mapped(curve.Points, func(p Point) int { return p.Efficiency.N }))
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

// firstAbove returns the index of the first level (grain) at which the whole interval of the
// efficiency is above the target. It returns -1 if there is none.
func firstAbove(levels []level) int {
	return slices.IndexFunc(levels, func(l level) bool { return l.est.Bounded() && l.est.Lo > 1 })
}

// isBelow reports whether the whole interval of the efficiency at the level (grain) is below the
// target.
func isBelow(l level) bool { return l.est.Bounded() && l.est.Hi < 1 }

// threshold returns the task size at which the efficiency first reaches the target, from fine to
// coarse grains. This size lies between two levels (grains): the first level above the target
// ([firstAbove]), and the last level before it that is below the target ([isBelow]). perWorker is
// the target times the number of cores, divided by the number of workers.
func threshold(levels []level, perWorker, confidence float64) Threshold {
	hi := firstAbove(levels)
	if hi < 0 {
		if len(only(levels, isBelow)) == len(levels) {
			return Threshold{Kind: NeverAbove}
		}
		return Threshold{Notes: []Note{"efficiency is not clearly above the target at any grain: it is too near the target, or has no interval"}}
	}
	lo := hi - 1
	for lo >= 0 && !isBelow(levels[lo]) {
		lo--
	}
	switch {
	case lo < 0 && hi > 0:
		return Threshold{Kind: AlwaysAbove, Notes: []Note{"at smaller grains the efficiency is too near the target to decide, so METG may be far smaller"}}
	case lo < 0:
		return Threshold{Kind: AlwaysAbove}
	}
	out := Threshold{Kind: Passes}
	out.At, out.Between, out.Notes = pass(levels[lo:hi+1], confidence, "target", "the efficiency crosses the target")
	if !out.At.Known() {
		return Threshold{Notes: out.Notes}
	}
	if xs, _ := roots(levels[lo:hi+1], bend(perWorker)); len(xs) > 0 {
		least := fromLogs(xs, confidence)
		if out.At.Value > bendNoted*least.Value {
			out.Notes = append(out.Notes, "between these grains, the time of a task is perhaps not linear in its work; the interval allows for this error")
		}
		out.At.Value = math.Sqrt(out.At.Value * least.Value)
		out.At.Lo = min(out.At.Lo, least.Lo)
	}
	if slices.ContainsFunc(levels[hi+1:], isBelow) {
		out.Notes = append(out.Notes, "efficiency falls below the target again at a larger grain; METG is taken where efficiency first reaches the target")
	}
	return out
}

// pass returns three results. at is the work w at which the difference of two times (see [level])
// changes its sign. between holds the measured work at the first and the last level. notes says
// which rounds at does not use.
//
// The texts point and verb complete the notes: for example "target" and "the efficiency crosses the
// target".
func pass(levels []level, confidence float64, point, verb string) (at Estimate, between [2]float64, notes []Note) {
	xs, n := roots(levels, line)
	if len(xs) == 0 {
		notes = []Note{notef("no round measured the grains on both sides of the %s", point)}
	} else if len(xs) < n {
		notes = []Note{notef("%s between the measured sizes %s and %s in only %d of %d rounds; the other rounds are not used",
			verb, format.Time(levels[0].work, 3), format.Time(levels[len(levels)-1].work, 3), len(xs), n)}
	}
	return fromLogs(xs, confidence), [2]float64{levels[0].work, levels[len(levels)-1].work}, notes
}

// roots returns, for each turn that measured all levels (grains), the logarithm of the w at which
// the difference of two times changes its sign. The function model computes this w from the
// measurements at two neighbouring levels.
//
// If noise causes several changes of the sign in a turn, roots returns the middle one. If the sign
// is the same at the first and the last level, the turn has no root. n is the number of turns that
// measured all levels.
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
		if len(found)%2 == 1 { // with an even number of roots, the sign is the same at both ends
			xs = append(xs, found[len(found)/2])
		}
	}
	return xs, n
}

// line returns the w at which the difference of two times is 0, by linear interpolation between the
// measurements a and b. A makespan T = S + N·max((w+o)/P, d) is linear in w, except for a bend
// where (w+o)/P = d. So the result is exact unless the bend of a makespan lies between a and b.
// Interpolation on logarithmic scales would be wrong by up to 30 % for grains a decade apart.
func line(a, b distance) float64 { return a.w + (b.w-a.w)*a.times/(a.times-b.times) }

// bendNoted is the smallest ratio of the thresholds without and with a bend at which a note
// mentions the bend.
const bendNoted = 1.1

// bend returns a model for [roots]. The model returns the smallest w between the measurements a and
// b at which the efficiency can reach the target. perWorker is as in [threshold].
//
// The time of a task is a convex function of w, so two lines bound it from below:
//
//   - The time is at least the time at a.
//   - The slope is at most 1/P, the slope for P workers without overhead. So the time is at least
//     the time at b, minus 1/P times the distance from b.
//
// The smallest w is not below the point at which one of these lines reaches the target.
func bend(perWorker float64) func(a, b distance) float64 {
	return func(a, b distance) float64 {
		most := line(a, b)
		if a.times > 0 || perWorker >= 1 {
			return most // efficiency falls, or this few workers cannot reach the target
		}
		flat, steep := a.w-a.times, (b.w-b.times-perWorker*b.w)/(1-perWorker)
		return min(most, max(a.w, flat, steep))
	}
}
