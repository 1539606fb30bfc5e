package analyze

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// A rung is one value on the axis of a search, with its measurements. Each turn (measurement of a
// block) gives one measurement: ln(T_A/T_B) minus the logarithm of the ratio for which the search
// looks.
type rung struct {
	x             float64 // logarithm of the value
	n             int     // number of measurements
	mean, squares float64 // their mean, and the sum of their squared deviations from it
}

// add adds a measurement.
func (r *rung) add(y float64) {
	r.n++
	d := y - r.mean
	r.mean += d / float64(r.n)
	r.squares += d * (y - r.mean)
}

// A local is a polynomial in x that was fitted, by least squares, to the measurements of the rungs
// near a boundary. Its degree is 2, or 1 if there are only two such rungs. Within a factor of 4 on
// the axis, a polynomial of degree 2 follows the curve of a ratio of makespans closely, but a line
// does not.
type local struct {
	center, reach float64       // the fit holds for |x-center| <= reach
	terms         int           // number of coefficients
	coef          [3]float64    // of 1, u and u², where u = (x-center)/reach
	inverse       [3][3]float64 // inverse of the normal matrix
	variance      float64       // of one measurement
	n             int           // number of measurements
	misfit        float64       // p-value of the test for lack of fit; 1 if it cannot be tested
	worst         rung          // the rung that contributes most to the lack of fit
}

// newLocal fits a polynomial to the measurements of the rungs within reach of center. ok is false
// if there are too few for a fit.
func newLocal(rungs []rung, center, reach float64) (f local, ok bool) {
	f = local{center: center, reach: reach, misfit: 1}
	var normal [3][3]float64
	var right [3]float64
	var used []rung
	pure := 0.0
	for _, r := range rungs {
		if r.n == 0 || math.Abs(r.x-center) > reach {
			continue
		}
		n, mean := float64(r.n), r.mean
		used = append(used, r)
		f.n += r.n
		pure += r.squares
		p := f.powers(r.x)
		for i := range p {
			right[i] += n * mean * p[i]
			for j := range p {
				normal[i][j] += n * p[i] * p[j]
			}
		}
	}
	f.terms = min(3, len(used))
	freedom := f.n - f.terms
	if f.terms < 2 || freedom < 2 {
		return f, false
	}
	if f.inverse, ok = inverse(normal, f.terms); !ok {
		return f, false
	}
	for i := range f.terms {
		for j := range f.terms {
			f.coef[i] += f.inverse[i][j] * right[j]
		}
	}
	lack, most := 0.0, 0.0
	for _, r := range used {
		l := float64(r.n) * (r.mean - f.value(r.x)) * (r.mean - f.value(r.x))
		if lack += l; l >= most {
			f.worst, most = r, l
		}
	}
	f.variance = (pure + lack) / float64(freedom)
	if more := len(used) - f.terms; more > 0 && f.n > len(used) && pure > 0 {
		if ratio := lack / float64(more) / (pure / float64(f.n-len(used))); ratio > 2 { // else it is never small
			f.misfit = distuv.F{D1: float64(more), D2: float64(f.n - len(used))}.Survival(ratio)
		}
	}
	return f, true
}

// doubtful reports whether the curve does not follow the measurements, and the rung that differs
// most has few turns. A search looks after every turn, so the mean of such a rung is sometimes far
// off by chance. More turns of the rung then show which it is: a deviation by chance disappears,
// but a bend of the curve remains.
func (f local) doubtful() bool {
	return f.misfit <= misfitLevel && float64(f.worst.n) < doubtShare*float64(f.n)
}

func (f local) powers(x float64) [3]float64 {
	u := (x - f.center) / f.reach
	return [3]float64{1, u, u * u}
}

// value returns the fitted value at x.
func (f local) value(x float64) float64 {
	u := (x - f.center) / f.reach
	return f.coef[0] + u*(f.coef[1]+u*f.coef[2])
}

// at returns the fitted value at x, and its standard error.
func (f local) at(x float64) (y, se float64) {
	p := f.powers(x)
	v := 0.0
	for i := range f.terms {
		for j := range f.terms {
			v += p[i] * f.inverse[i][j] * p[j]
		}
	}
	return f.value(x), math.Sqrt(max(0, f.variance*v))
}

// root returns the x at which the fitted value changes its sign: from negative to positive if up is
// set, else from positive to negative. ok is false if there is no such x within reach.
func (f local) root(up bool) (x float64, ok bool) {
	slope := math.Sqrt(f.coef[1]*f.coef[1] - 4*f.coef[0]*f.coef[2]) // of the curve at the root
	if !up {
		slope = -slope
	}
	u := -2 * f.coef[0] / (f.coef[1] + slope)
	return f.center + u*f.reach, math.Abs(u) <= 1
}

// slope returns the absolute slope of the curve at its root x, and the standard error se of the
// slope. half is a lower limit of the half-width of the confidence interval of x.
func (f local) slope(x float64) (slope, se, half float64) {
	u := (x - f.center) / f.reach
	slope = math.Abs(f.coef[1]+2*u*f.coef[2]) / f.reach
	v := f.inverse[1][1] + 4*u*f.inverse[1][2] + 4*u*u*f.inverse[2][2]
	_, error := f.at(x)
	return slope, math.Sqrt(max(0, f.variance*v)) / f.reach, 1.9 * error / slope
}

// steps is the number of points on each side of a root at which the interval is tested.
const steps = 200

// interval returns the ends of the confidence interval of the root x. It consists of the points
// around x at which Student's test does not reject the hypothesis that the curve is 0 (Fieller, J.
// R. Stat. Soc. B 16, 1954). So it is valid even if the slope of the curve is uncertain. An end is
// infinite if it is beyond the reach of the fit.
func (f local) interval(x, confidence float64) (lo, hi float64) {
	quantile := quantile(f.n-f.terms+1, 1-confidence)
	end := func(direction float64) float64 {
		step := direction * f.reach / steps
		for at := x + step; math.Abs(at-f.center) <= f.reach; at += step {
			if y, se := f.at(at); math.Abs(y) > quantile*se {
				return at
			}
		}
		return math.Inf(int(direction))
	}
	return end(-1), end(1)
}

// inverse returns the inverse of the leading n × n part of the symmetric matrix m, by Gauss-Jordan
// elimination with pivots. ok is false if that part has no inverse.
func inverse(m [3][3]float64, n int) (out [3][3]float64, ok bool) {
	for i := range n {
		out[i][i] = 1
	}
	for i := range n {
		p := i
		for j := i + 1; j < n; j++ {
			if math.Abs(m[j][i]) > math.Abs(m[p][i]) {
				p = j
			}
		}
		if math.Abs(m[p][i]) < 1e-9 {
			return out, false
		}
		m[i], m[p], out[i], out[p] = m[p], m[i], out[p], out[i]
		for k, d := 0, m[i][i]; k < n; k++ {
			m[i][k] /= d
			out[i][k] /= d
		}
		for j := range n {
			if f := m[j][i]; j != i {
				for k := range n {
					m[j][k] -= f * m[i][k]
					out[j][k] -= f * out[i][k]
				}
			}
		}
	}
	return out, true
}
