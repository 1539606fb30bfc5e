package analyze

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A Crossover is the work of a task from which on strategy A is faster than B. It is the
// root of ln(T_A/T_B) over w, found in each round by interpolation between neighbouring
// grains; but only where the verdicts on both sides oppose each other. The verdicts are
// those of the questions.
type Crossover struct {
	A, B Series
	Kind CrossKind
	At   Estimate // for Crosses: w in ns at which both take the same time
	// Between is for Crosses the measured w of the grains on both sides, as in Threshold.
	Between [2]float64
	Up      bool // for Crosses and TieBand: A is the better one above, B below; else the other way round
	// Stays is for Crosses whether all grains above the crossing have the same verdict, up to
	// the coarsest.
	Stays bool
	// Zones are the stretches of grains with one verdict of A against B, by growing w.
	Zones []Zone
	N     int // rounds at the grain that has the fewest
	Notes []Note
}

// A Zone is a stretch of neighbouring grains with the same verdict, From and To in ns of
// measured w at its first and last grain.
type Zone struct {
	Verdict  Verdict
	From, To float64
}

// A CrossKind is the answer of a Crossover.
type CrossKind int

const (
	Unclear CrossKind = iota // no grain has a verdict for either
	AlwaysA                  // A is better at every grain
	AlwaysB                  // B is better at every grain
	Crosses                  // one is better below At and the other above
	Parts                    // one is better in a part, and nowhere the other: the other grains are ties or unresolved
	TieBand                  // one is better below a band of ties and the other above it: no single crossing
	AllTied                  // equivalent at every grain
	Several                  // the verdicts change sides more than once
)

// Upward returns a crossing the other way round where B is the better one above.
func (c Crossover) Upward() Crossover {
	if c.Kind != Crosses || c.Up {
		return c
	}
	c.A, c.B, c.Up = c.B, c.A, true
	c.Zones = slices.Clone(c.Zones)
	for i, z := range c.Zones {
		c.Zones[i].Verdict = z.Verdict.swapped()
	}
	return c
}

// crossovers returns those against direct first, then those of the other pairs.
// Questions are those of the grid, one for each of its grains.
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
	for i, grain := range g.grains {
		ca, oka := g.cell(a, grain)
		cb, okb := g.cell(b, grain)
		pairs := g.pairs(ca, cb)
		if !oka || !okb || len(pairs) == 0 || !questions[i].Work.Known() {
			continue
		}
		l := g.newLevel(direct(ca), pairs, func(p pair, _ float64) float64 { return g.at(cb, p.turn) * math.Expm1(p.log) })
		v := questions[i].Versus(ca, cb).Verdict
		if n := len(out.Zones); n > 0 && out.Zones[n-1].Verdict == v {
			out.Zones[n-1].To = l.work
		} else {
			out.Zones = append(out.Zones, Zone{v, l.work, l.work})
		}
		out.N = min(out.N, len(pairs))
		levels, verdicts = append(levels, l), append(verdicts, v)
	}
	if len(levels) > 0 {
		out.classify(levels, verdicts, g.set.Confidence)
	}
	return out
}

// classify sets Kind and what belongs to it from the verdicts by growing grain.
func (c *Crossover) classify(levels []level, verdicts []Verdict, confidence float64) {
	var sides []int // grains with a verdict for A or B
	flips := 0
	for i, v := range verdicts {
		if v != Better && v != Worse {
			continue
		}
		if n := len(sides); n > 0 && verdicts[sides[n-1]] != v {
			flips++
		}
		sides = append(sides, i)
	}
	switch {
	case len(sides) == 0:
		c.Kind = Unclear
		if !slices.Contains(verdicts, Unresolved) {
			c.Kind = AllTied
		}
	case flips == 0:
		c.Kind = Parts
		if len(sides) == len(verdicts) {
			c.Kind = AlwaysA
			if verdicts[0] == Worse {
				c.Kind = AlwaysB
			}
		}
	case flips > 1:
		c.Kind = Several
	default:
		hi := slices.IndexFunc(sides, func(i int) bool { return verdicts[i] != verdicts[sides[0]] })
		lo, top := sides[hi-1], sides[hi]
		c.Up = verdicts[top] == Better
		if slices.Contains(verdicts[lo:top], Equivalent) {
			c.Kind = TieBand
			return
		}
		xs, n := roots(levels[lo : top+1])
		if len(xs) == 0 {
			c.Notes = append(c.Notes, "no round holds the grains on both sides of the crossing")
			c.Kind = Several
			return
		}
		c.Kind = Crosses
		c.Stays = !slices.ContainsFunc(verdicts[top:], func(v Verdict) bool { return v != verdicts[top] })
		c.At = fromLogs(xs, confidence)
		c.Between = [2]float64{levels[lo].work, levels[top].work}
		if len(xs) < n {
			c.Notes = append(c.Notes, notef("%d of %d rounds cross between these grains", len(xs), n))
		}
	}
}

// Against reports whether the crossover is against the direct loop.
func (c Crossover) Against() bool { return c.B.Strategy == harness.Direct }
