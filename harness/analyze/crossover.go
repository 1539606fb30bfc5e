package analyze

import (
	"math"
	"slices"
)

// A Crossover compares strategies A and B at all grains (task sizes). If the faster strategy
// changes once, the crossover contains the task size at which both take the same time. This size is
// the work w at which ln(T_A/T_B) is 0. In each round, w is interpolated between the nearest
// grains.
type Crossover struct {
	A, B Series
	Kind CrossKind
	At   Estimate // for Crosses: w in ns at which both take the same time
	// Between is, for Crosses, the measured w of the two grains between which At lies.
	Between [2]float64
	Up      bool // for Crosses and TieBand: A is better for large tasks and B for small ones; false means the reverse
	// Stays reports, for Crosses, whether all grains above the crossing have the same verdict.
	Stays bool
	// Zones are the stretches of grains with one verdict of A against B, by increasing w.
	Zones []Zone
	Ratio Estimate // T_A/T_B at the finest grain
	N     int      // number of rounds, at the grain with the fewest rounds
	Most  int      // number of rounds, at the grain with the most rounds
	Notes []Note
}

// A Zone is a range of neighbouring grains at which a comparison has the same verdict. From and To
// are the measured work w at the first and the last grain of the zone, in ns.
type Zone struct {
	Verdict  Verdict
	From, To float64
}

// A CrossKind says how the verdict between two strategies changes from fine to coarse grains.
type CrossKind int

const (
	Unclear CrossKind = iota // neither is better at any grain, and some grains are unresolved
	AlwaysA                  // A is better at every grain
	AlwaysB                  // B is better at every grain
	Crosses                  // one strategy is better below At, and the other is better above
	Parts                    // one strategy is better at some grains; the other grains are tied or unresolved
	TieBand                  // one strategy is better at fine grains and the other at coarse grains; in between they are tied
	AllTied                  // equivalent at every grain
	Several                  // the better strategy changes more than once, or no round shows where it changes
)

// Upward returns the crossover, with A and B swapped if necessary, so that A is the better strategy
// for tasks larger than the crossing. It changes only crossovers of kind Crosses.
func (c Crossover) Upward() Crossover {
	if c.Kind != Crosses || c.Up {
		return c
	}
	c.A, c.B, c.Up = c.B, c.A, true
	c.Zones = slices.Clone(c.Zones)
	for i, z := range c.Zones {
		c.Zones[i].Verdict = z.Verdict.Opposite()
	}
	return c
}

// crossovers returns a crossover for each pair of strategies. Pairs with the direct loop come
// first. The slice questions has one question for each grain of the grid.
func (g grid) crossovers(questions []Question) []Crossover {
	var out []Crossover
	for j, b := range g.series {
		for _, a := range g.series[j+1:] {
			if c := g.crossover(questions, a, b); len(c.Zones) > 0 {
				out = append(out, c)
			}
		}
	}
	return out
}

func (g grid) crossover(questions []Question, a, b Series) Crossover {
	out := Crossover{A: a, B: b, N: math.MaxInt}
	var levels []level
	var verdicts []Verdict
	for i, size := range g.sizes {
		ca, oka := g.cell(a, size)
		cb, okb := g.cell(b, size)
		pairs := g.pairs(ca, cb)
		if !oka || !okb || len(pairs) == 0 || !questions[i].Work.Known() {
			continue
		}
		l := g.newLevel(direct(ca), pairs, func(p pair, _ float64) float64 { return g.at(cb, p.turn) * math.Expm1(p.log) })
		c := questions[i].Versus(ca, cb)
		v := c.Verdict
		if len(levels) == 0 {
			out.Ratio = c.Ratio
		}
		if n := len(out.Zones); n > 0 && out.Zones[n-1].Verdict == v {
			out.Zones[n-1].To = l.work
		} else {
			out.Zones = append(out.Zones, Zone{v, l.work, l.work})
		}
		out.N, out.Most = min(out.N, len(pairs)), max(out.Most, len(pairs))
		levels, verdicts = append(levels, l), append(verdicts, v)
	}
	if len(levels) > 0 {
		out.classify(levels, verdicts, g.set.Confidence)
	}
	return out
}

// classify sets c.Kind and the fields that have a meaning for this kind. levels and verdicts have
// one element for each grain, from fine to coarse.
func (c *Crossover) classify(levels []level, verdicts []Verdict, confidence float64) {
	decided := only(verdicts, func(v Verdict) bool { return v == Better || v == Worse })
	switch len(slices.Compact(slices.Clone(decided))) {
	case 0:
		c.Kind = AllTied
		if slices.Contains(verdicts, Unresolved) {
			c.Kind = Unclear
		}
	case 1:
		c.Kind = Parts
		if len(decided) == len(verdicts) {
			c.Kind = map[Verdict]CrossKind{Better: AlwaysA, Worse: AlwaysB}[decided[0]]
		}
	case 2:
		top := slices.Index(verdicts, decided[len(decided)-1])
		lo := top - 1
		for verdicts[lo] != decided[0] {
			lo--
		}
		c.Up = verdicts[top] == Better
		if slices.Contains(verdicts[lo:top], Equivalent) {
			c.Kind = TieBand
			return
		}
		c.Kind = Crosses
		c.Stays = len(slices.Compact(slices.Clone(verdicts[top:]))) == 1
		if c.At, c.Between, c.Notes = pass(levels[lo:top+1], confidence, "crossing", "the faster strategy changes"); !c.At.Known() {
			c.Kind = Several
		}
	default:
		c.Kind = Several
	}
}

// Against reports whether the crossover compares strategy A with the direct loop: whether B is the
// direct loop.
func (c Crossover) Against() bool { return isDirect(c.B) }
