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
	Outside []string         // axes on which the point is outside the judged range; a prediction with any is a guess
}

// Predict returns a prediction for each strategy and fixed chunk of the run, fastest first. The
// chunk of p does not count. The predictions outside the range of their strategy are at the end.
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

// Nearby is like Predict, but returns only predictions inside the range of their strategy, and those
// whose work is up to a factor of [Near] outside of it. The band of the latter covers the errors of
// predictions that reach as far; without such errors they are left out. It returns no prediction for
// streams, single tasks or the strategy serial.
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
	if n < 2 { // too few of its own: those of all strategies
		n, square = m.Judged.all()
	}
	return spread(value, widened(half, n, square), len(s.Cells))
}

const serial = "serial" // strategy with one worker, whatever the cores

// all returns the number of held-out cells and the sum of the squares of their logarithmic errors.
func (j Judgement) all() (n int, square float64) {
	for _, h := range j.Cells {
		n, square = n+1, square+sq(math.Log(h.Predicted.Value/h.Measured.Value))
	}
	return n, square
}

// band returns the predicted makespan per task, and the half-width of the 95 % band of its
// logarithm, from the covariance of the parameters and the misfit.
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

// widened returns the half-width of a band that also covers errors as large as those of n held-out
// cells, whose squares have the given sum.
func widened(half float64, n int, square float64) float64 {
	if n < 2 {
		return half
	}
	return max(half, analyze.TQuantile(0.95, n)*math.Sqrt(square/float64(n)))
}

func spread(value, half float64, n int) analyze.Estimate {
	return analyze.Estimate{Value: value, Lo: value * math.Exp(-half), Hi: value * math.Exp(half), N: n}
}

// A Startup holds the times to start a strategy's workers, by their number.
type Startup struct {
	workers []int
	times   []analyze.Estimate
}

// startup returns the start times of the strategy of who, from cells with any task and chunk.
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

// At returns the start time for the workers of p. It interpolates between two measured numbers of
// workers, and is unknown beyond them.
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

// Refusal returns why the prediction is refused unless it is forced, or "" if it is not.
func (p Prediction) Refusal() string {
	if len(p.Outside) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: outside the range on which it was judged: %s", p.Name, strings.Join(p.Outside, ", "))
}
