package model

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// A Prediction is the predicted makespan of a strategy.
type Prediction struct {
	Name    string
	Series  Series
	At      Point
	Time    analyze.Estimate // makespan per task, in ns, with its 95 % band
	Start   analyze.Estimate // time to start the workers, in ns; unknown if not measured
	Outside []string         // a phrase for each axis on which At is outside the judged range; if there are any, the prediction is a guess
}

// Predict returns a prediction for the job p with each strategy and fixed chunk of the run. It
// ignores the chunk of p. Predictions inside the range of their strategy come first; each group
// begins with the smallest makespan.
func (m Model) Predict(p Point) (all []Prediction) {
	for _, s := range m.Series {
		for _, k := range s.Chunks {
			p.Chunk = k.Constant(p.Tasks, p.Workers)
			name := s.Name()
			if k.Fixed() > 0 && len(s.Chunks) > 1 {
				who := s.Who
				who.Chunk = k
				name = Series{Who: who}.Name()
			}
			at := p
			if s.Who.Strategy == serial || s.Who.Order == harness.SingleOrder {
				at.Workers = 1
			}
			all = append(all, Prediction{name, s, at, m.banded(s, at), s.Startup.At(at), s.Range.Outside(at)})
		}
	}
	slices.SortStableFunc(all, func(a, b Prediction) int {
		if (len(a.Outside) > 0) != (len(b.Outside) > 0) {
			return map[bool]int{false: -1, true: 1}[len(a.Outside) > 0]
		}
		return int(math.Copysign(1, a.Time.Value-b.Time.Value))
	})
	return all
}

// Nearby is like Predict, but returns only predictions whose work is inside the range of their
// strategy, or outside it by a factor of up to [Near]. The band of a prediction outside the range
// covers the errors of judged predictions that reach as far. If there are no such errors, Nearby
// leaves the prediction out. It also leaves out streams, single tasks and the strategy serial.
func (m Model) Nearby(p Point) (all []Prediction) {
	for _, x := range m.Predict(p) {
		if x.Series.Who.Order != harness.MapOrder || x.Series.Who.Strategy == serial {
			continue
		}
		if len(x.Outside) > 0 {
			half := m.Judged.reach(x.Series.Who)
			if f := x.Series.Range.beyond(x.At); f == 0 || f > Near || math.IsInf(half, 1) {
				continue
			}
			x.Time = spread(x.Time.Value, max(half, math.Log(x.Time.Hi/x.Time.Value)), x.Time.N)
		}
		all = append(all, x)
	}
	slices.SortStableFunc(all, func(a, b Prediction) int { return cmp.Compare(a.Time.Value, b.Time.Value) })
	return all
}

// Cell returns the cell of the prediction, without its task.
func (p Prediction) Cell() harness.Cell {
	c := p.Series.Who
	if c.Chunk == "" {
		c.Chunk = harness.FixedChunk(p.At.Chunk)
	}
	c.Workers, c.Cores = p.At.Workers, p.At.Cores
	return c
}

// banded returns the predicted makespan per task of a series, with a band that covers errors as large
// as those on held-out cells.
func (m Model) banded(s Series, at Point) analyze.Estimate {
	value, half := s.Costs.band(at)
	n, square := s.Held, float64(s.Held)*sq(s.Error)
	if n < 2 { // the series has too few held-out cells: use those of all series
		n, square = m.Judged.all()
	}
	return spread(value, widened(half, n, square), len(s.Cells))
}

const serial = "serial" // strategy with one worker on any number of cores

// all returns the number of held-out cells and the sum of the squares of their logarithmic errors.
func (j Judgement) all() (n int, square float64) {
	for _, h := range j.Cells {
		n, square = n+1, square+sq(math.Log(h.Predicted.Value/h.Measured.Value))
	}
	return n, square
}

// band returns the predicted makespan per task, and the half-width of the 95 % band around its
// logarithm. The band follows from the covariance of the parameters and the misfit.
func (c Costs) band(p Point) (value, half float64) {
	by, _ := slope(c.Values, p)
	variance := c.misfit
	for i := range by {
		for j := range by {
			variance += by[i] * by[j] * c.cov[i][j]
		}
	}
	return c.Task(p), c.t * math.Sqrt(max(0, variance))
}

// widened returns the half-width of a band, at least half, that covers errors as large as those of
// n held-out cells. The argument square is the sum of the squares of these errors.
func widened(half float64, n int, square float64) float64 {
	if n < 2 {
		return half
	}
	return max(half, analyze.TQuantile(0.95, n)*math.Sqrt(square/float64(n)))
}

func spread(value, half float64, n int) analyze.Estimate {
	return analyze.Estimate{Value: value, Lo: value * math.Exp(-half), Hi: value * math.Exp(half), N: n}
}

// A Startup holds the times to start a strategy's workers, for each measured number of workers.
type Startup struct {
	workers []int
	times   []analyze.Estimate
}

// startup returns the start times of the strategy and settings of who. It uses cells with any task
// and chunk.
func startup(samples []harness.Sample, who harness.Cell) (s Startup) {
	values := map[int][]float64{}
	for _, x := range samples {
		c := x.Cell
		if c.Strategy == who.Strategy && c.Transport == who.Transport && c.Start == who.Start && c.Codec == who.Codec && c.Shape == "" && !x.Starved() && x.Values[harness.UnitStart] > 0 {
			values[c.Workers] = append(values[c.Workers], x.Values[harness.UnitStart])
		}
	}
	for n := range values {
		s.workers = append(s.workers, n)
	}
	slices.Sort(s.workers)
	for _, n := range s.workers {
		s.times = append(s.times, analyze.MeanOfLogs(values[n], 0.95))
	}
	return s
}

// At returns the time to start the workers of p. It interpolates between measured numbers of
// workers. Outside their range, the result is unknown, the zero Estimate.
func (s Startup) At(p Point) analyze.Estimate {
	i, found := slices.BinarySearch(s.workers, p.Workers)
	if found {
		return s.times[i]
	}
	if i == 0 || i == len(s.workers) {
		return analyze.Estimate{}
	}
	a, b := s.times[i-1], s.times[i]
	f := float64(p.Workers-s.workers[i-1]) / float64(s.workers[i]-s.workers[i-1])
	mix := func(x, y float64) float64 { return x + f*(y-x) }
	return analyze.Estimate{Value: mix(a.Value, b.Value), Lo: mix(a.Lo, b.Lo), Hi: mix(a.Hi, b.Hi), N: min(a.N, b.N)}
}

// Refusal returns the reason why commands refuse the prediction without --force, or "" if they
// accept it.
func (p Prediction) Refusal() string {
	if len(p.Outside) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: outside the range on which it was judged: %s", p.Name, strings.Join(p.Outside, ", "))
}
