package analyze

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// between returns the index of the rung to measure next, and the finding f with its results so far.
// It is for a search whose sign changes exactly once: between the rungs l and r. If the search
// ends, done is set in the finding, and the index has no meaning. pooled is the standard deviation
// of one measurement, pooled over all rungs.
func (s seek) between(l, r int, pooled float64, f finding) (int, finding) {
	f.up = f.signs[r] == below
	f.sides = [2]int{l, r}
	if s.whole && r == l+1 && math.Exp(s.rungs[r].x)-math.Exp(s.rungs[l].x) < 1.5 {
		if i, ok := s.fewest([]int{l, r}, harness.FewestRounds); ok {
			return i, f
		}
		f.kind, f.done = Crosses, true
		f.at, f.lo, f.hi = (s.rungs[l].x+s.rungs[r].x)/2, s.rungs[l].x, s.rungs[r].x
		f.n = s.rungs[l].n + s.rungs[r].n
		return 0, f
	}
	if i, done, ok := s.band(l, r, &f); ok {
		if done {
			f.kind, f.done = TieBand, true
		}
		return i, f
	}
	// The side rungs lie below and above the boundary and show the slope of the curve. With more
	// noise they must be farther apart to show it. With less noise they are closer, so that the
	// curve bends less between them.
	gap := s.gap(l, r)
	side := min(widestSide, max(deviations*pooled, gap))
	center := s.crossing(l, r)
	if mid := s.nearest(center); s.rungs[r].x-s.rungs[l].x > 2.2*side && mid > l && mid < r && s.rungs[mid].n < firstTurns {
		return mid, f
	}
	fit, ok := s.fitted(&center, side, gap, !f.up)
	if ok {
		f.kind, f.at, f.n, f.fit = Crosses, center, fit.n, fit
		if fit.doubtful() {
			return s.nearest(fit.worst.x), f
		}
		if fit.n >= boundTurns && s.turns(center, 0, side/2) >= centerTurns && s.narrow(&f) {
			f.done = true
			return 0, f
		}
	}
	return s.allotted(center, side), f
}

// narrow reports whether the confidence interval of the boundary is as narrow as the precision of
// the search demands. It sets the interval in f, unless the interval or the slope of the curve is
// clearly too uncertain.
//
// A search looks at its interval after every turn, so it often ends when the interval is too narrow
// by chance. Therefore narrow uses a higher confidence, except in the first looks. In the
// simulations of the tests, the intervals then cover the boundary as often as s.confidence says.
func (s seek) narrow(f *finding) bool {
	confidence := s.confidence
	if f.n > boundTurns+2 {
		confidence = 1 - (1-confidence)*manyLooks
	}
	width := math.Log1p(s.precision)
	slope, slopeError, half := f.fit.slope(f.at)
	if half > width || slopeError > slopeKnown*slope { // a slope that is too steep by chance ends too early
		return false
	}
	f.lo, f.hi = f.fit.interval(f.at, confidence)
	return f.hi-f.at <= width && f.at-f.lo <= width
}

// gap returns the largest distance between two neighbouring rungs, from the rung before l to the
// rung after r. It returns at most [widestSide].
func (s seek) gap(l, r int) float64 {
	gap := 0.0
	for i := max(0, l-1); i < min(r+1, len(s.rungs)-1); i++ {
		gap = max(gap, s.rungs[i+1].x-s.rungs[i].x)
	}
	return min(gap, widestSide)
}

// crossing returns the x at which the straight line through the means of the rungs l and r is 0. It
// keeps x away from both rungs by a tenth of their distance, so that the next bracket is at least a
// tenth shorter.
func (s seek) crossing(l, r int) float64 {
	a, b := s.rungs[l], s.rungs[r]
	x := a.x + (b.x-a.x)*a.mean/(a.mean-b.mean)
	return min(max(x, a.x+(b.x-a.x)/10), b.x-(b.x-a.x)/10)
}

// nearest returns the index of the rung nearest to x.
func (s seek) nearest(x float64) int {
	best := 0
	for i, r := range s.rungs {
		if math.Abs(r.x-x) < math.Abs(s.rungs[best].x-x) {
			best = i
		}
	}
	return best
}

// fitted fits a curve to the measurements around center, and moves center to the root of the curve:
// the x at which the curve is 0. It begins with a reach of 1.5 times side. As long as the curve
// does not follow the measurements, it tries a shorter reach, which is always above gap. It keeps
// the reach if the fit is doubtful, because more turns may help; see [local.doubtful].
//
// up says whether the curve rises at the root. ok is false if there are too few measurements for a
// fit, or if the curve has no root within reach.
func (s seek) fitted(center *float64, side, gap float64, up bool) (fit local, ok bool) {
	for reach := 1.5 * side; reach > gap; reach /= math.Sqrt2 {
		at := *center
		for range 4 {
			if fit, ok = newLocal(s.rungs, at, reach); !ok {
				return fit, false
			}
			moved, found := fit.root(up)
			if !found {
				return fit, false
			}
			near := math.Abs(moved-at) < reach/100
			if at = moved; near {
				break
			}
		}
		if *center = at; fit.misfit > misfitLevel || fit.doubtful() {
			break
		}
	}
	return fit, ok
}

// turns returns the total number of turns (measurements) of the rungs whose distance from x+offset
// is at most reach.
func (s seek) turns(x, offset, reach float64) (n int) {
	for _, r := range s.rungs {
		if math.Abs(r.x-x-offset) <= reach {
			n += r.n
		}
	}
	return n
}

// allotted returns the index of the rung to measure next. It chooses among three points: the
// boundary, at center, and one point on each side of it, at distance side. Each point has its share
// of all turns, of which the boundary has [centerShare]. allotted chooses a rung at the point that
// has the fewest turns relative to its share.
func (s seek) allotted(center, side float64) int {
	best, least := -1, math.Inf(1)
	middle := s.choose(center, side/4, -1)
	for _, offset := range []float64{0, -side, side} {
		share, at := centerShare, middle
		if offset != 0 {
			share = (1 - centerShare) / 2
			if at = s.choose(center+offset, side/4, middle); at < 0 {
				continue
			}
		}
		if n := float64(s.turns(center, offset, side/2)) / share; n < least {
			best, least = at, n
		}
	}
	return best
}

// choose returns the index of the rung that has the most turns among the rungs within reach of x,
// so that few rungs get many turns each. If none of them has a turn, it returns the rung nearest to
// x. It never returns besides, the index of a rung that already has another purpose; -1 means that
// there is no such rung. If the rung nearest to x is besides, choose returns its neighbour in the
// direction of x, or -1 if it has none.
func (s seek) choose(x, reach float64, besides int) int {
	best := -1
	for i, r := range s.rungs {
		if math.Abs(r.x-x) <= reach && r.n > 0 && i != besides && (best < 0 || r.n > s.rungs[best].n) {
			best = i
		}
	}
	if best >= 0 {
		return best
	}
	at := s.nearest(x)
	if at != besides {
		return at
	}
	if x < s.rungs[at].x {
		return at - 1 // -1 if it is the first
	}
	if at+1 < len(s.rungs) {
		return at + 1
	}
	return -1
}

// band looks for a band of ties between the rungs l and r: tied rungs whose distance exceeds twice
// the precision. ok is false if there is no such band. If an edge of the band is not yet known, at
// is the index of the rung to measure for it. If both edges are known, done is true.
func (s seek) band(l, r int, f *finding) (at int, done, ok bool) {
	first := slices.Index(f.signs[l:r], tied)
	if first < 0 {
		return 0, false, false
	}
	first += l
	last := first
	for i := first; i < r; i++ {
		if f.signs[i] == tied {
			last = i
		}
	}
	if s.rungs[last].x-s.rungs[first].x < 2*math.Log1p(s.precision) {
		return 0, false, false
	}
	for _, edge := range [][2]int{{l, first}, {last, r}} {
		if edge[1]-edge[0] < 2 {
			continue
		}
		mid := (edge[0] + edge[1]) / 2
		if s.rungs[mid].n < harness.FewestRounds {
			return mid, false, true
		}
	}
	return 0, true, true
}
