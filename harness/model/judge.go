package model

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// clear is the least ratio of the second-smallest to the smallest makespan of a task whose winner
// counts.
const clear = 1.1

// A Held is a held-out cell: a cell with a prediction by costs that were fitted without the cells
// of its task.
type Held struct {
	Cell      harness.Cell
	Predicted analyze.Estimate // makespan per task in ns, with its 95 % band
	Measured  analyze.Estimate // measured makespan per task in ns, with its interval
}

// Error returns the relative error of the prediction, (T_pred − T)/T.
func (h Held) Error() float64 { return h.Predicted.Value/h.Measured.Value - 1 }

// Inside reports whether the band of the prediction holds the measured makespan.
func (h Held) Inside() bool {
	return h.Predicted.Lo <= h.Measured.Value && h.Measured.Value <= h.Predicted.Hi
}

// A Judgement holds the errors of predictions for cells that the fit did not use. For each task and
// number of cores, all cells are held out, the costs are fitted to the other cells, and these costs
// predict the held-out cells. If there is only one task, single cells are held out instead. Cells
// outside the range of the other cells get no prediction, because payoff would also refuse a user's
// prediction there.
type Judgement struct {
	Cells   []Held
	Tasks   int // tasks that were held out; 1 if single cells of one task were held out
	Refused int // held-out cells without a prediction: outside the range of the other cells, or of a strategy with too few cells
	Winners int // comparisons, by task and order of delivery, in which the fastest strategy is ahead by at least 10 %
	Right   int // of these, comparisons in which the strategy with the smallest predicted makespan also is the fastest measured one
	// Beyond has predictions for held-out cells that are outside the range of the other cells, but
	// only by their work, and by a factor of at least [Near].
	Beyond []Held
	halves []float64
}

// A place identifies the cells of a task that are compared: those with the same order of delivery.
type place struct {
	harness.Question
	order string
}

func placeOf(c harness.Cell) place { return place{c.Question(), c.Order} }

// judge holds out the cells of each task in turn, and judges the predictions for them.
func judge(cells []observation) (j Judgement) {
	var questions []harness.Question
	for _, c := range cells {
		if q := c.cell.Question(); !slices.Contains(questions, q) {
			questions = append(questions, q)
		}
	}
	j.Tasks = len(questions)
	if j.Tasks == 1 {
		for i, c := range cells {
			j.hold(cells[i:i+1], slices.DeleteFunc(slices.Clone(cells), func(o observation) bool { return o.cell == c.cell }))
		}
		questions = nil
	}
	for _, q := range questions {
		var rest, held []observation
		for _, c := range cells {
			if c.cell.Question() == q {
				held = append(held, c)
			} else {
				rest = append(rest, c)
			}
		}
		j.winners(j.hold(held, rest), held)
	}
	bands := slices.Clone(j.Cells)
	for i, h := range j.Cells {
		// Give each prediction the band that a user would see, which covers the errors of the
		// strategy on other tasks.
		n, square := 0, 0.0
		for _, o := range j.Cells {
			if seriesOf(o.Cell) == seriesOf(h.Cell) && (o.Cell.Question() != h.Cell.Question() || j.Tasks == 1 && o.Cell != h.Cell) {
				n, square = n+1, square+sq(math.Log(o.Predicted.Value/o.Measured.Value))
			}
		}
		bands[i].Predicted = spread(h.Predicted.Value, widened(j.halves[i], n, square), h.Predicted.N)
	}
	j.Cells = bands
	return j
}

// hold predicts the cells in held by costs that are fitted to the cells in rest. It adds the
// predictions to j, and returns them.
func (j *Judgement) hold(held, rest []observation) (predicted []Held) {
	series, _ := fitAll(rest)
	for _, c := range held {
		i := slices.IndexFunc(series, func(s Series) bool { return s.Who == seriesOf(c.cell) })
		if i < 0 || len(series[i].Range.Outside(c.at)) > 0 {
			j.Refused++
			if i >= 0 && series[i].Range.beyond(c.at) >= Near {
				value, half := series[i].Costs.band(c.at)
				j.Beyond = append(j.Beyond, Held{c.cell, spread(value, half, len(rest)), c.estimate()})
			}
			continue
		}
		value, half := series[i].Costs.band(c.at)
		h := Held{c.cell, spread(value, half, len(rest)), c.estimate()}
		predicted, j.halves = append(predicted, h), append(j.halves, half)
	}
	j.Cells = append(j.Cells, predicted...)
	return predicted
}

// winners counts the tasks with a clear winner, and those for which the predictions have the same
// winner. It compares the predicted cells of a task and its direct loop.
func (j *Judgement) winners(predicted []Held, held []observation) {
	done := map[place]bool{}
	for _, h := range predicted {
		at := placeOf(h.Cell)
		if done[at] {
			continue
		}
		done[at] = true
		var loop float64
		for _, o := range held {
			if o.cell == h.Cell {
				loop = o.at.Work
			}
		}
		times, guesses := []float64{loop}, []float64{loop}
		for _, o := range predicted {
			if placeOf(o.Cell) == at {
				times, guesses = append(times, o.Measured.Value), append(guesses, o.Predicted.Value)
			}
		}
		sorted := slices.Sorted(slices.Values(times))
		if len(times) < 2 || sorted[1] < clear*sorted[0] {
			continue
		}
		j.Winners++
		if slices.Index(times, slices.Min(times)) == slices.Index(guesses, slices.Min(guesses)) {
			j.Right++
		}
	}
}

// reach returns the half-width of a band for predictions whose work is beyond the range of a series
// by a factor of up to [Near]. The band covers errors as large as those of the series in j.Beyond.
// If the series has fewer than two predictions there, reach uses those of all series. With fewer
// than two in total, it returns +Inf.
func (j Judgement) reach(who harness.Cell) float64 {
	var own, all []float64
	for _, h := range j.Beyond {
		e := sq(math.Log(h.Predicted.Value / h.Measured.Value))
		if all = append(all, e); seriesOf(h.Cell) == who {
			own = append(own, e)
		}
	}
	if len(own) < 2 {
		own = all
	}
	if len(own) < 2 {
		return math.Inf(1)
	}
	return analyze.TQuantile(0.95, len(own)) * math.Sqrt(mean(own))
}

// of returns the root mean square of the logarithmic errors of a series, and the number of these
// errors.
func (j Judgement) of(who harness.Cell) (rms float64, n int) {
	square := 0.0
	for _, h := range j.Cells {
		if seriesOf(h.Cell) == who {
			n, square = n+1, square+sq(math.Log(h.Predicted.Value/h.Measured.Value))
		}
	}
	return math.Sqrt(square / max(1, float64(n))), n
}

// Foretold returns the held-out cells in the form that charts use.
func (j Judgement) Foretold() (all []analyze.Foretold) {
	for _, h := range j.Cells {
		all = append(all, analyze.Foretold(h))
	}
	return all
}

// Errors returns the absolute values of the relative errors, in increasing order.
func (j Judgement) Errors() (sizes []float64) {
	for _, h := range j.Cells {
		sizes = append(sizes, math.Abs(h.Error()))
	}
	slices.Sort(sizes)
	return sizes
}

// Share returns a quantile of [Judgement.Errors]: the error that a share p of the held-out cells
// does not exceed.
func (j Judgement) Share(p float64) float64 {
	sizes := j.Errors()
	if len(sizes) == 0 {
		return math.NaN()
	}
	return sizes[min(int(math.Ceil(p*float64(len(sizes))))-1, len(sizes)-1)]
}

// Bias returns the mean of the relative errors.
func (j Judgement) Bias() (sum float64) {
	for _, h := range j.Cells {
		sum += h.Error()
	}
	return sum / float64(len(j.Cells))
}

// Inside returns the number of held-out cells whose band holds the measured makespan.
func (j Judgement) Inside() (n int) {
	for _, h := range j.Cells {
		if h.Inside() {
			n++
		}
	}
	return n
}

func sq(x float64) float64 { return x * x }
