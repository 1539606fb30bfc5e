package analyze

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// between returns the next rung if the only change of sign is between the rungs l and r.
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
	// The distance of the side rungs grows with the noise, because near rungs show no slope in much
	// noise. A short distance leaves less room for bends of the curve.
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

// narrow sets the interval of the boundary, and reports whether it is within the precision.
//
// A search that looks at its interval after every turn ends rather when the interval is too narrow
// by chance. After the first looks, its intervals therefore have a higher confidence; the simulations
// of the tests show that they then cover the boundary as often as the confidence says.
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

// gap returns the largest distance of neighbouring rungs near the rungs l to r, but at most the
// widest side.
func (s seek) gap(l, r int) float64 {
	gap := 0.0
	for i := max(0, l-1); i < min(r+1, len(s.rungs)-1); i++ {
		gap = max(gap, s.rungs[i+1].x-s.rungs[i].x)
	}
	return min(gap, widestSide)
}

// crossing returns the x at which a line through the means of the rungs from l to r is 0. It stays
// away from both ends, so that the bracket shrinks by a tenth at least.
func (s seek) crossing(l, r int) float64 {
	a, b := s.rungs[l], s.rungs[r]
	x := a.x + (b.x-a.x)*a.mean/(a.mean-b.mean)
	return min(max(x, a.x+(b.x-a.x)/10), b.x-(b.x-a.x)/10)
}

// nearest returns the rung nearest to x.
func (s seek) nearest(x float64) int {
	best := 0
	for i, r := range s.rungs {
		if math.Abs(r.x-x) < math.Abs(s.rungs[best].x-x) {
			best = i
		}
	}
	return best
}

// fitted fits a curve around center, and moves center to its root. If the curve does not follow the
// measurements, the fit has a shorter reach, unless it is doubtful.
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

// turns returns the number of turns of the rungs whose distance from x+offset is at most reach.
func (s seek) turns(x, offset, reach float64) (n int) {
	for _, r := range s.rungs {
		if math.Abs(r.x-x-offset) <= reach {
			n += r.n
		}
	}
	return n
}

// allotted returns the rung to measure next: at the boundary, or at one of its sides, whichever has
// the fewest turns for its share.
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

// choose returns the rung with the most turns within reach of x, so that few rungs have many turns.
// If none has a turn, it returns the nearest rung. It never returns the rung besides, which has
// another part.
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

// band returns the next rung if ties lie between the rungs l and r over more than the precision:
// rungs at the edges of the band. ok is false if there is no such band; done is set if its edges
// are known.
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
