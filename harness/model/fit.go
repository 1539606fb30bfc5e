package model

import (
	"fmt"
	"math"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// Bounds of the fit.
const (
	iterations = 200
	collinear  = 1e-4 // squared sine of the smallest angle between a column and those before it
	suspicious = 0.05 // level of the test for misfit
)

// order is the order in which parts enter the fit. A part that the cells cannot tell from the parts
// before it stays out, and so counts as 0.
var order = []Part{PerTask, PerFurther, PerJob, PerByte, PerChunk, Contention}

// fit returns the costs that describe the cells. It fits the logarithms of the geometric means of
// cells by weighted least squares (Levenberg and Marquardt), with parameters of at least 0. The
// variance of a cell follows from its launches; if the cells scatter more than the launches explain
// (an F test at 5 %), a common variance of misfit is added, and the degrees of freedom are those of
// the cells.
func fit(cells []observation) (Costs, error) {
	if len(cells) < FewestCells {
		return Costs{}, fmt.Errorf("the run has %d of its cells, and a fit needs %d", len(cells), FewestCells)
	}
	order := order
	if cells[0].at.Waits { // with workers that wait, costs per busy core and the dispatcher's look alike
		order = []Part{PerTask, PerChunk}
	}
	best := solve(cells, order, [parts]float64{PerTask: 1})
	base := best
	// A limit by the dispatcher is a different regime, so it needs starts of its own: for the parts
	// that matter if fine tasks are as slow with more workers.
	fastest := math.Inf(1)
	for _, c := range cells {
		fastest = min(fastest, c.time())
	}
	for _, extra := range [][]Part{{Dispatch}, {Dispatch, DispatchOne}} {
		if len(best.free)+len(extra)+2 > len(cells) {
			break
		}
		for _, share := range []float64{0.5, 0.98} {
			start := base.v
			start[Dispatch], start[PerJob] = share*fastest, 0
			start[PerTask] = max(1, start[PerTask]-start[Dispatch])
			next := solve(cells, append(append([]Part{}, order...), extra...), start)
			// The criterion of Akaike, with the correction for few cells.
			if next.criterion() < best.criterion() {
				best = next
			}
		}
	}
	best.scatter()
	c := best.costs()
	c.Fastest = fastest
	return c, nil
}

// A solution is the state of a fit.
type solution struct {
	cells  []observation
	free   []Part
	v      [parts]float64
	misfit float64
	noise  float64 // variance of a launch's logarithm
	df     int     // degrees of freedom of noise
}

// solve fits the parts that the cells determine, from the parameters start.
func solve(cells []observation, enter []Part, start [parts]float64) *solution {
	s := &solution{cells: cells, v: start}
	for range 3 { // which parts are determined depends on the regimes of the cells
		s.free = s.determined(enter)
		for i := range s.v {
			if !has(s.free, Part(i)) {
				s.v[i] = 0
			}
		}
		s.misfit = 0
		s.minimize()
		s.launches()
	}
	return s
}

func has(ps []Part, p Part) bool {
	for _, q := range ps {
		if p == q {
			return true
		}
	}
	return false
}

// variance returns the variance of the residual of a cell: that of the makespan, that of the work
// through the model, and the misfit. Before the noise is known, only its proportions count.
func (s *solution) variance(o observation) float64 {
	_, g := slope(s.v, o.at)
	noise := s.noise
	if noise == 0 {
		noise = 1
	}
	return noise*(1+g*g)/float64(len(o.times)) + s.misfit
}

// residuals returns the weighted residuals, their derivatives, and the sum of squares.
func (s *solution) residuals() (r []float64, by [][]float64, sum float64) {
	for _, o := range s.cells {
		d, _ := slope(s.v, o.at)
		weight := 1 / math.Sqrt(s.variance(o))
		row := make([]float64, len(s.free))
		for j, p := range s.free {
			row[j] = d[p] * weight
		}
		e := (mean(o.times) - math.Log(task(s.v, o.at))) * weight
		r, by, sum = append(r, e), append(by, row), sum+e*e
	}
	return r, by, sum
}

// minimize moves the parameters to a minimum of the sum of squares.
func (s *solution) minimize() {
	damping := 1e-3
	r, by, sum := s.residuals()
	for range iterations {
		normal, right := normalOf(by, r)
		// A part at 0 that would become negative stays there.
		for j, p := range s.free {
			if s.v[p] == 0 && right[j] <= 0 {
				for k := range normal {
					normal[j][k], normal[k][j] = 0, 0
				}
				normal[j][j], right[j] = 1, 0
			}
			normal[j][j] *= 1 + damping
		}
		step, ok := linear(normal, right)
		before := s.v
		moved := 0.0
		for j, p := range s.free {
			if ok {
				s.v[p] = max(0, s.v[p]+step[j])
			}
			moved = max(moved, math.Abs(s.v[p]-before[p])/(math.Abs(before[p])+1e-12))
		}
		r2, by2, sum2 := s.residuals()
		if !ok || !(sum2 <= sum) {
			s.v = before
			if damping *= 4; damping > 1e12 {
				return
			}
			continue
		}
		small := sum-sum2 <= 1e-12*sum || moved < 1e-9
		r, by, sum, damping = r2, by2, sum2, max(damping/4, 1e-9)
		if small {
			return
		}
	}
}

// launches sets the variance of a launch from the scatter within cells.
func (s *solution) launches() {
	sum := 0.0
	s.df = 0
	for _, o := range s.cells {
		_, g := slope(s.v, o.at)
		logs := make([]float64, len(o.times))
		for i := range logs {
			logs[i] = o.times[i] - g*o.works[i]
		}
		center := mean(logs)
		for _, x := range logs {
			sum += (x - center) * (x - center) / (1 + g*g)
		}
		s.df += len(logs) - 1
	}
	s.noise = max(sum/float64(s.df), 1e-12)
}

// scatter tests whether the cells scatter around the model more than their launches explain. If so,
// it raises the misfit until they do not.
func (s *solution) scatter() {
	s.minimize()
	n := len(s.cells) - len(s.free)
	if n < 1 {
		return
	}
	excess := func() float64 { _, _, sum := s.residuals(); return sum / float64(n) }
	if excess() <= analyze.FQuantile(1-suspicious, n, s.df) {
		return
	}
	lo, hi := 0.0, 4.0
	for range 40 {
		s.misfit = (lo + hi) / 2
		if excess() > 1 {
			lo = s.misfit
		} else {
			hi = s.misfit
		}
		s.minimize()
	}
}

// criterion returns the corrected criterion of Akaike, from the squares without misfit.
func (s *solution) criterion() float64 {
	sum := 0.0
	for _, o := range s.cells {
		e := mean(o.times) - math.Log(task(s.v, o.at))
		sum += e * e
	}
	n, k := float64(len(s.cells)), float64(len(s.free)+1)
	if n-k-1 <= 0 {
		return math.Inf(1)
	}
	return n*math.Log(sum/n+1e-12) + 2*k + 2*k*(k+1)/(n-k-1)
}

// costs returns the fitted costs with their intervals.
func (s *solution) costs() Costs {
	c := Costs{Values: s.v, misfit: s.misfit}
	df := s.df
	if s.misfit > 0 {
		df = len(s.cells) - len(s.free)
	}
	c.t = analyze.TQuantile(0.95, max(df, 1))
	_, by, _ := s.residuals()
	normal, _ := normalOf(by, make([]float64, len(by)))
	inverse := invert(normal)
	for i, p := range s.free {
		c.Known[p] = true
		for j, q := range s.free {
			c.cov[p][q] = inverse[i][j]
		}
		half := c.t * math.Sqrt(max(0, inverse[i][i]))
		c.At[p] = analyze.Estimate{Value: s.v[p], Lo: max(0, s.v[p]-half), Hi: s.v[p] + half, N: len(s.cells)}
	}
	return c
}
