package chart

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// Tickers of logarithmic axes, by unit.
var (
	timeTicks   = logTicks(format.RoundTime)                                                      // ns
	countTicks  = logTicks(func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }) // numbers of tasks
	factorTicks = logTicks(func(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) })  // ratios
	rateTicks   = logTicks(func(v float64) string { return format.Rate(v) })                      // bytes per second

	byteTicks   = binaryTicks(5, format.Bytes)
	workerTicks = binaryTicks(math.Inf(1), strconv.Itoa)
)

// binaryTicks returns a ticker that places ticks at powers of two. It labels some of them, evenly
// chosen; the parameter most limits the number of labels.
func binaryTicks(most float64, label func(int) string) plot.TickerFunc {
	return func(lo, hi float64) (ticks []plot.Tick) {
		step := 1
		for math.Log2(hi/lo)/float64(step) > most {
			step++
		}
		for e := max(0, int(math.Ceil(math.Log2(lo)))); float64(e) <= math.Log2(hi); e++ {
			t := plot.Tick{Value: math.Pow(2, float64(e))}
			if e%step == 0 {
				t.Label = label(1 << e)
			}
			ticks = append(ticks, t)
		}
		return ticks
	}
}

// count returns a tick at n with the number n as its label.
func count(n int) plot.Tick { return plot.Tick{Value: float64(n), Label: strconv.Itoa(n)} }

// ticksAt returns a labelled tick for each value.
func ticksAt(values []int) (ticks plot.ConstantTicks) {
	for _, v := range values {
		ticks = append(ticks, count(v))
	}
	return ticks
}

// pointTicks returns a tick for each point of a scale. Where ticks are close together, only some
// have labels.
func pointTicks(s analyze.Scale) plot.ConstantTicks {
	ticks := ticksAt(s.At)
	for i := range ticks {
		if s.Axis == analyze.ByPayload {
			ticks[i].Label = s.Point(i)
		}
	}
	apart := math.Pow(float64(s.At[len(s.At)-1])/float64(s.At[0]), 0.14)
	return sparse(ticks, func(last, v float64) bool { return v < last*apart })
}

// coreTicks returns ticks at the numbers of cores. It labels the largest number first, and then
// smaller ones for which there is room.
func coreTicks(cores []int) plot.ConstantTicks {
	down := slices.Clone(cores)
	slices.Reverse(down)
	apart := 0.07 * float64(down[0]-down[len(down)-1])
	return sparse(ticksAt(down), func(last, v float64) bool { return last-v < apart })
}

// sparse removes the label of each tick that is too near to the previous tick with a label. near
// reports whether a tick at v is too near to a labelled tick at last.
func sparse(ticks plot.ConstantTicks, near func(last, v float64) bool) plot.ConstantTicks {
	last := math.NaN() // near returns false for NaN
	for i, t := range ticks {
		if near(last, t.Value) {
			ticks[i].Label = ""
		} else {
			last = t.Value
		}
	}
	return ticks
}

// columnTicks returns ticks at 0, 1, 2, and so on, labelled by calling label for each element of
// all.
func columnTicks[T any](all []T, label func(T) string) (ticks plot.ConstantTicks) {
	for i, one := range all {
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: label(one)})
	}
	return ticks
}

// powersOfFour returns ticks at 1, 4, 16 and so on, up to 1.4 times most. If most is 2000 or
// larger, only every third tick has a label.
func powersOfFour(most float64) (ticks plot.ConstantTicks) {
	for n, i := 1, 0; float64(n) <= most*1.4; n, i = n*4, i+1 {
		t := count(n)
		if most >= 2000 && i%3 > 0 {
			t.Label = ""
		}
		ticks = append(ticks, t)
	}
	return ticks
}

// labelled lists sets of digits, from few to many. An axis uses the first set with which it has at
// least three labels, and labels these digits in each power of ten.
var labelled = [][]float64{
	{1}, {1, 3}, {1, 2, 5}, {1, 1.5, 2, 3, 5, 7}, {1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8},
}

const fewestLabels = 3

// even returns about four multiples of a step with few digits, for an axis that covers only part of
// a decade.
func even(lo, hi float64) (all []float64) {
	unit := math.Pow(10, math.Floor(math.Log10((hi-lo)/4)))
	step := unit
	for _, k := range []float64{2, 5, 10} {
		if (hi-lo)/step > 5 {
			step = k * unit
		}
	}
	for k := math.Ceil(lo / step); k*step <= hi; k++ {
		all = append(all, math.Round(k*step/unit)*unit)
	}
	return all
}

// logTicks returns a ticker for a logarithmic axis that places ticks at the multiples 1 to 9 of
// each power of ten. It labels as few ticks as possible, but at least three.
func logTicks(label func(float64) string) plot.TickerFunc {
	return func(lo, hi float64) (ticks []plot.Tick) {
		var labels []float64
		for _, digits := range labelled {
			if labels = digitsIn(lo, hi, digits); len(labels) >= fewestLabels {
				break
			}
		}
		if len(labels) < fewestLabels {
			labels = even(lo, hi)
		}
		for _, v := range labels {
			ticks = append(ticks, plot.Tick{Value: v, Label: label(v)})
		}
		for _, v := range digitsIn(lo, hi, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			if !slices.Contains(labels, v) {
				ticks = append(ticks, plot.Tick{Value: v})
			}
		}
		return ticks
	}
}

// digitsIn returns the numbers from lo to hi that are one of the digits times a power of ten.
func digitsIn(lo, hi float64, digits []float64) (all []float64) {
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		for _, d := range digits {
			if v := d * math.Pow(10, e); v >= lo && v <= hi {
				all = append(all, v)
			}
		}
	}
	return all
}

// steps returns about four ticks of a linear axis, at multiples of a step with few digits. For
// bytes, the step has few digits in a binary unit.
func steps(a Axis) (ticks plot.ConstantTicks) {
	about, unit := (a.Max-a.Min)/4, 1.0
	if !usable(about) {
		return nil
	}
	for a.Unit == Bytes && about/unit >= 1000 {
		unit *= 1024
	}
	power := math.Pow(10, math.Floor(math.Log10(about/unit))) * unit
	step := power
	for _, k := range []float64{2, 5, 10} {
		if (a.Max-a.Min)/step > 5 {
			step = k * power
		}
	}
	for k := math.Ceil(a.Min / step); k*step <= a.Max; k++ {
		ticks = append(ticks, plot.Tick{Value: k * step, Label: a.tick(k * step)})
	}
	return ticks
}

// percentTicks returns ticks at fractions from 0 to 1, or to top if top is larger. Their labels are
// in per cent.
func percentTicks(top float64) plot.ConstantTicks {
	return evenTicks(0.25, 8, top, max(1, top), format.Percent)
}

// speedTicks returns ticks for speed-ups from 0 to top, in steps of 0.5. The step is doubled until
// there are at most six steps.
func speedTicks(top float64) plot.ConstantTicks {
	return evenTicks(0.5, 6, top, top, func(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) })
}

// evenTicks returns ticks from 0 to end, at multiples of step. It first doubles step until the
// range from 0 to top has at most as many steps as the argument most says.
func evenTicks(step, most, top, end float64, label func(float64) string) (ticks plot.ConstantTicks) {
	for top > most*step {
		step *= 2
	}
	for v := 0.0; v <= end; v += step {
		ticks = append(ticks, plot.Tick{Value: v, Label: label(v)})
	}
	return ticks
}
