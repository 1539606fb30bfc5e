package model

import (
	"fmt"
	"math"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// Bounds of the fit.
const (
	iterations = 200
	collinear  = 1e-4 // least squared sine of the angle between a column of derivatives and the columns before it
	suspicious = 0.05 // significance level of the test for misfit
)

// order is the order in which parts enter the fit. If the cells cannot distinguish a part from the
// parts before it, the fit leaves the part out, so its cost is 0.
var order = []Part{PerTask, PerFurther, PerJob, PerByte, PerChunk, Contention}

// fit returns the costs that describe the cells. It fits the logarithms of the cells' geometric
// means by weighted least squares (Levenberg and Marquardt), with parameters of at least 0. The
// variance of a cell follows from its launches. If the cells scatter more than their launches
// explain (an F test at 5 %), fit adds a variance of misfit to each cell, and takes the degrees of
// freedom from the number of cells.
func fit(cells []observation) (Costs, error) {
	if len(cells) < FewestCells {
		return Costs{}, fmt.Errorf("the run has %d of its cells, and a fit needs %d", len(cells), FewestCells)
	}
	order := order
	if cells[0].at.Waits { // if tasks wait, the cells cannot distinguish costs per busy core from those of the dispatcher
		order = []Part{PerTask, PerChunk}
	}
	best := solve(cells, order, [parts]float64{PerTask: 1})
	base := best
	// If the dispatcher limits a job, other parts matter, so minimize may not find them from the
	// first solution. Try further starts, in which the dispatcher takes 50 or 98 % of the smallest
	// makespan per task.
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
			// Compare by Akaike's information criterion, corrected for few cells.
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
	noise  float64 // variance of the logarithm of the makespan between launches of a cell
	df     int     // degrees of freedom of noise
}

// solve fits those of the parts in enter that the cells determine. The fit starts from the
// parameters start.
func solve(cells []observation, enter []Part, start [parts]float64) *solution {
	s := &solution{cells: cells, v: start}
	for range 3 { // the fitted parameters change which parts the cells determine
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

// variance returns the variance of the residual of a cell. It is the sum of three variances: of the
// makespan, of the work as it affects the makespan, and of the misfit. If the noise is still
// unknown, variance assumes 1, because then only the proportions between cells matter.
func (s *solution) variance(o observation) float64 {
	_, g := slope(s.v, o.at)
	noise := s.noise
	if noise == 0 {
		noise = 1
	}
	return noise*(1+g*g)/float64(len(o.times)) + s.misfit
}

// residuals returns the weighted residuals of the cells, the derivatives of the weighted
// predictions by each free parameter, and the sum of the squared residuals.
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

// minimize moves the free parameters to a minimum of the sum of squares.
func (s *solution) minimize() {
	damping := 1e-3
	r, by, sum := s.residuals()
	for range iterations {
		normal, right := normalOf(by, r)
		// A parameter that is 0 stays 0 if it would become negative.
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

// launches computes the variance between launches of a cell from the scatter within all cells.
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
// it sets the variance of misfit that explains the rest.
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

// criterion returns Akaike's information criterion, corrected for few cells. It does not use the
// variance of misfit.
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
