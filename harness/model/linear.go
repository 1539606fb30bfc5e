package model

import "math"

// determined returns those of the parts in enter, in this order, that the cells can distinguish: a
// part whose column of derivatives is a combination of the columns before it is left out. The
// number of parts is at most the number of cells minus two.
func (s *solution) determined(enter []Part) (free []Part) {
	var basis [][]float64
	for _, p := range enter {
		if len(free)+2 >= len(s.cells) {
			break
		}
		column := make([]float64, len(s.cells))
		for i, o := range s.cells {
			d, _ := slope(s.v, o.at)
			column[i] = d[p]
		}
		whole := dot(column, column)
		if whole == 0 || p == PerJob && !s.jobsDiffer() {
			continue
		}
		for range 2 { // a second pass removes rounding errors
			for _, b := range basis {
				f := dot(column, b)
				for i := range column {
					column[i] -= f * b[i]
				}
			}
		}
		rest := dot(column, column)
		if rest < collinear*whole {
			continue
		}
		for i := range column {
			column[i] /= math.Sqrt(rest)
		}
		basis, free = append(basis, column), append(free, p)
	}
	return free
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// normalOf returns the matrix and the right side of the normal equations for the rows and the
// residuals r.
func normalOf(rows [][]float64, r []float64) (normal [][]float64, right []float64) {
	n := len(rows[0])
	normal, right = make([][]float64, n), make([]float64, n)
	for i := range normal {
		normal[i] = make([]float64, n)
		for k, row := range rows {
			right[i] += row[i] * r[k]
			for j := range n {
				normal[i][j] += row[i] * row[j]
			}
		}
	}
	return normal, right
}

// linear solves a·x = b for a symmetric matrix a. It scales a by its diagonal, and eliminates with
// pivoting. The result ok is false if a is singular.
func linear(a [][]float64, b []float64) (x []float64, ok bool) {
	n := len(b)
	scale, m := make([]float64, n), make([][]float64, n)
	for i := range a {
		if scale[i] = math.Sqrt(a[i][i]); scale[i] == 0 {
			return nil, false
		}
	}
	for i := range a {
		m[i] = make([]float64, n+1)
		for j := range n {
			m[i][j] = a[i][j] / scale[i] / scale[j]
		}
		m[i][n] = b[i] / scale[i]
	}
	for i := range n {
		top := i
		for k := i + 1; k < n; k++ {
			if math.Abs(m[k][i]) > math.Abs(m[top][i]) {
				top = k
			}
		}
		m[i], m[top] = m[top], m[i]
		if math.Abs(m[i][i]) < 1e-14 {
			return nil, false
		}
		for k := range n {
			if k == i {
				continue
			}
			f := m[k][i] / m[i][i]
			for j := i; j <= n; j++ {
				m[k][j] -= f * m[i][j]
			}
		}
	}
	x = make([]float64, n)
	for i := range x {
		x[i] = m[i][n] / m[i][i] / scale[i]
	}
	return x, true
}

// invert returns the inverse of a symmetric matrix. If the matrix is singular, the elements of the
// result are +Inf.
func invert(a [][]float64) [][]float64 {
	n := len(a)
	inverse := make([][]float64, n)
	for i := range inverse {
		inverse[i] = make([]float64, n)
	}
	for j := range n {
		unit := make([]float64, n)
		unit[j] = 1
		x, ok := linear(a, unit)
		for i := range n {
			inverse[i][j] = math.Inf(1)
			if ok {
				inverse[i][j] = x[i]
			}
		}
	}
	return inverse
}

// jobsDiffer reports whether the numbers of tasks in a job differ enough to show the cost of a job.
func (s *solution) jobsDiffer() bool {
	r := rangeOf(s.cells)
	return r.Hi.Tasks >= 4*r.Lo.Tasks
}
