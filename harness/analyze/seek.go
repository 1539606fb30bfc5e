package analyze

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A seek chooses where on an axis to measure next, to find the boundary between two strategies, and
// says when the boundary is known.
//
// It is a bisection with noise. A rung is a value at which the search can measure. A turn measures
// one rung once and gives a logarithm of a ratio, which is 0 at the boundary.
//
//  1. The search measures rungs evenly spaced over the whole range, because the curve may not be
//     monotone.
//  2. If two neighbouring measured rungs have opposite signs, it measures between them, where the
//     line through their means is 0. It repeats this with the two rungs nearest to the boundary.
//  3. When noise hides the sign of a rung, the rung is near the boundary. Most of the further turns
//     go there. The others go to rungs on both sides, which show the slope of the curve.
//
// Probabilistic bisection converges to this allocation of turns (Waeber, Frazier and Henderson,
// SIAM J. Control Optim. 51, 2013). It takes the interval from a posterior, for which the error
// rate of each sign must be known. A seek takes it from a curve that is fitted to the turns near
// the boundary; see [local.interval].
type seek struct {
	rungs      []rung  // by increasing x
	scan       int     // number of rungs in the first scan
	margin     float64 // strategies whose ratio is within 1 ± margin are tied; 0 if there are no ties
	precision  float64 // largest relative half-width of the interval
	confidence float64
	whole      bool // the values are whole numbers, so the answer may be between two neighbouring ones
}

// A sign says on which side of 0 the mean of a rung lies.
type sign int

const (
	open  sign = 0  // noise hides the sign, or there are too few turns
	below sign = -1 // the mean is below 0: A is better
	above sign = 1  // the mean is above 0: B is better
	tied  sign = 2  // the mean is within the margin of the search
)

// Parameters of the search. The simulations of the tests show their effect.
const (
	firstTurns  = 2    // turns of a rung before its sign may direct the search
	signErrors  = 4    // number of standard errors by which a mean must exceed the margin to direct the search
	boundTurns  = 16   // number of turns near the boundary before the search may end
	edgeTurns   = 24   // turns of the first or the last rung before the search may end with its sign open
	centerTurns = 6    // number of turns at the boundary itself before the search may end
	widestSide  = 0.5  // largest distance of the side rungs from the boundary, on the logarithmic axis
	deviations  = 10   // distance of the side rungs from the boundary, per standard deviation of a turn
	centerShare = 0.6  // share of the turns at the boundary
	manyLooks   = 0.7  // factor by which the error probability of an interval is reduced after the first looks
	slopeKnown  = 0.15 // largest relative standard error of the slope at which the search may end
	misfitLevel = 0.005
	doubtShare  = 0.125 // smallest share of a rung in the turns of a fit at which the rung shows a bend of the curve
)

// A finding is the present result of a search.
type finding struct {
	kind   CrossKind
	done   bool
	at     float64 // for Crosses: the boundary; at, lo and hi are logarithms
	lo, hi float64
	up     bool   // for Crosses and TieBand: A is better above the boundary
	signs  []sign // of each rung; open if it was not measured
	edge   bool   // the boundary is at the first or the last rung, whose sign stays open
	n      int    // turns near the boundary
	fit    local  // for Crosses: the curve near the boundary
	sides  [2]int // for Crosses and TieBand: the nearest rungs with opposite signs
}

// deviation returns the standard deviation of one measurement, pooled over all rungs. It returns 0
// if no rung has two measurements.
func (s seek) deviation() float64 {
	sum, freedom := 0.0, 0.0
	for _, r := range s.rungs {
		if r.n > 1 {
			sum += r.squares
			freedom += float64(r.n - 1)
		}
	}
	if freedom == 0 {
		return 0
	}
	return math.Sqrt(sum / freedom)
}

// sign returns the sign of rung i, which is open as long as noise hides it. With fewer turns than a
// verdict needs, the sign comes from the standard deviation pooled over all rungs. It is then good
// enough to choose the next rung, but it is no evidence.
func (s seek) sign(i int, pooled float64) sign {
	r := s.rungs[i]
	n, mean := float64(r.n), r.mean
	if r.n < firstTurns {
		return open
	}
	sd := pooled
	if r.n >= harness.FewestRounds {
		sd = math.Sqrt(r.squares / (n - 1))
	}
	se := sd / math.Sqrt(n)
	edge := math.Log1p(s.margin)
	beyond := (math.Abs(mean) - edge) / max(se, 1e-12)
	clear := beyond > signErrors
	if r.n >= harness.FewestRounds {
		if beyond < 0 && math.Abs(mean)+se*quantile(r.n, 1-s.confidence) <= edge {
			return tied
		}
		if beyond < 10 { // else it is clear
			clear = beyond > 0 && 2*student(r.n).Survival(beyond) <= stopLevel
		}
	}
	switch {
	case !clear:
		return open
	case mean < 0:
		return below
	}
	return above
}

// next returns the index of the rung to measure next, and the present finding. If f.done is set,
// the search ends, and the index has no meaning.
func (s seek) next() (at int, f finding) {
	for _, i := range s.scanned() {
		if s.rungs[i].n < firstTurns {
			return i, finding{signs: make([]sign, len(s.rungs))}
		}
	}
	pooled := s.deviation()
	f.signs = make([]sign, len(s.rungs))
	var decided []int
	for i := range s.rungs {
		f.signs[i] = s.sign(i, pooled)
		if f.signs[i] == below || f.signs[i] == above {
			decided = append(decided, i)
		}
	}
	var changes [][2]int
	for k := 1; k < len(decided); k++ {
		if f.signs[decided[k-1]] != f.signs[decided[k]] {
			changes = append(changes, [2]int{decided[k-1], decided[k]})
		}
	}
	switch len(changes) {
	case 0:
		return s.uniform(f)
	case 1:
		return s.between(changes[0][0], changes[0][1], pooled, f)
	}
	if i, ok := s.fewest(decided, harness.FewestRounds); ok {
		return i, f
	}
	f.kind, f.done = Several, true
	return 0, f
}

// scanned returns the indexes of the rungs of the first scan: both ends first, then evenly spaced
// rungs.
func (s seek) scanned() []int {
	last := len(s.rungs) - 1
	all := []int{0, last}
	for k := 1; k < s.scan-1; k++ {
		if i := int(math.Round(float64(k*last) / float64(s.scan-1))); !slices.Contains(all, i) {
			all = append(all, i)
		}
	}
	return all
}

// fewest returns the index of the rung that has the fewest turns, among the rungs with the given
// indexes. ok is false if each of them has at least most turns.
func (s seek) fewest(among []int, most int) (at int, ok bool) {
	for _, i := range among {
		if n := s.rungs[i].n; n < most && (!ok || n < s.rungs[at].n) {
			at, ok = i, true
		}
	}
	return at, ok
}

// uniform returns the index of the rung to measure next, for a search in which no two rungs have
// opposite signs yet. If the search can end, uniform returns f with its kind and with done set.
func (s seek) uniform(f finding) (int, finding) {
	scan := s.scanned()
	if i, ok := s.fewest(scan, harness.FewestRounds); ok {
		return i, f
	}
	var unclear []int
	for _, i := range scan {
		if f.signs[i] == open {
			unclear = append(unclear, i)
		}
	}
	if i, ok := s.fewest(unclear, math.MaxInt); ok {
		if f.edge = len(unclear) == 1 && (i == 0 || i == len(s.rungs)-1) && s.unresolvable(i); f.edge {
			f.done = true
		}
		return i, f
	}
	f.kind, f.done = AllTied, true
	for _, i := range scan {
		switch f.signs[i] {
		case below:
			f.kind = AlwaysA
		case above:
			f.kind = AlwaysB
		}
	}
	if f.kind != AllTied && slices.ContainsFunc(scan, func(i int) bool { return f.signs[i] == tied }) {
		f.kind = Parts
	}
	return 0, f
}

// unresolvable reports whether rung i, at an end of the range, is so near the boundary that its
// sign would take too many turns. It reports false while the rung may soon turn out to be tied.
func (s seek) unresolvable(i int) bool {
	r := s.rungs[i]
	if r.n < edgeTurns {
		return false
	}
	half := math.Sqrt(r.squares/float64(r.n-1)/float64(r.n)) * quantile(r.n, 1-s.confidence)
	return math.Abs(r.mean)+half > 2*math.Log1p(s.margin)
}
