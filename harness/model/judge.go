package model

import (
	"math"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// clear is the ratio of the second-fastest to the fastest makespan from which a winner counts.
const clear = 1.1

// A Held is a cell that was predicted by costs which were fitted without all cells of its task.
type Held struct {
	Cell      harness.Cell
	Predicted analyze.Estimate // makespan per task in ns, with its 95 % band
	Measured  analyze.Estimate // the same, measured, with its interval
}

// Error returns (T_pred − T)/T.
func (h Held) Error() float64 { return h.Predicted.Value/h.Measured.Value - 1 }

// Inside reports whether the band of the prediction holds the measured makespan.
func (h Held) Inside() bool {
	return h.Predicted.Lo <= h.Measured.Value && h.Measured.Value <= h.Predicted.Hi
}

// A Judgement holds the errors of predictions on cells that the fit did not use. Task by task, all
// cells of a task on a number of cores are held out, the costs are fitted to the rest, and frozen.
// If there is only one task, this is done cell by cell. Cells outside the range of the rest are not
// predicted, because a user's would be refused.
type Judgement struct {
	Cells   []Held
	Tasks   int // tasks that were held out; 1 if cells of one task were
	Refused int // held-out cells outside the range of the rest, or of strategies with too few cells
	Winners int // tasks whose fastest strategy is ahead by over 10 %, in order of delivery
	Right   int // those for which the fastest predicted strategy is the fastest measured one
	// Beyond are the predictions for held-out cells whose work is outside the range of the rest, and
	// nothing else. They are at least a factor of [Near] beyond it.
	Beyond []Held
	halves []float64
}

// A place groups the cells of a task that are compared.
type place struct {
	harness.Question
	order string
}

func placeOf(c harness.Cell) place { return place{c.Question(), c.Order} }

// judge holds out the cells of each task in turn.
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
		// The band that a user would see: the errors of the strategy on other tasks count too.
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

// hold predicts the held cells by costs that are fitted to the rest. It adds the predictions to j, and
// returns them.
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

// winners counts the tasks whose winner the predictions name, among the predicted cells of a task
// and its direct loop.
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

// reach returns the half-width of a band for predictions up to a factor of [Near] beyond the work of the
// cells of a series. It covers errors as large as those of the predictions in Beyond, for the series
// if there are at least two, else for all. It returns +Inf if there are fewer.
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

// of returns the root mean square of the logarithmic errors of a series, and their number.
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

// Errors returns the sizes of the relative errors, in increasing order.
func (j Judgement) Errors() (sizes []float64) {
	for _, h := range j.Cells {
		sizes = append(sizes, math.Abs(h.Error()))
	}
	slices.Sort(sizes)
	return sizes
}

// Share returns the error that a share p of the held-out cells does not exceed.
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
