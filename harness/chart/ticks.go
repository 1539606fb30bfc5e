package chart

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// timeTicks labels a logarithmic axis in ns with units that people read.
type timeTicks struct{}

func (timeTicks) Ticks(lo, hi float64) []plot.Tick { return logTicks(lo, hi, whole) }

// countTicks label a logarithmic axis of counts.
type countTicks struct{}

func (countTicks) Ticks(lo, hi float64) []plot.Tick {
	return logTicks(lo, hi, func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) })
}

// factorTicks label a logarithmic axis of ratios.
type factorTicks struct{}

func (factorTicks) Ticks(lo, hi float64) []plot.Tick {
	return logTicks(lo, hi, func(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) })
}

// rateTicks labels a logarithmic axis in bytes per ns, which is GB/s.
type rateTicks struct{}

func (rateTicks) Ticks(lo, hi float64) []plot.Tick { return logTicks(lo, hi, rate) }

// byteTicks labels a logarithmic axis in bytes by powers of two, or of more where there are
// many.
type byteTicks struct{}

func (byteTicks) Ticks(lo, hi float64) []plot.Tick {
	step := 1
	for math.Log2(hi/lo)/float64(step) > 5 {
		step++
	}
	var out []plot.Tick
	for e := int(math.Ceil(math.Log2(lo))); float64(e) <= math.Log2(hi); e++ {
		t := plot.Tick{Value: math.Pow(2, float64(e))}
		if e%step == 0 {
			t.Label = bytesOf(t.Value)
		}
		out = append(out, t)
	}
	return out
}

// bytesOf returns a power of two: "64 KiB".
func bytesOf(v float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	u := 0
	for ; u < len(units)-1 && v >= 1024; u++ {
		v /= 1024
	}
	return strconv.FormatFloat(v, 'g', 4, 64) + " " + units[u]
}

// labelled are the digits that get a label in each decade of a logarithmic axis, from few to
// many. With fewer than three labels an axis cannot be read.
var labelled = [][]float64{
	{1}, {1, 3}, {1, 2, 5}, {1, 1.5, 2, 3, 5, 7}, {1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8},
}

const fewestLabels = 3

// even are multiples of a round step, some four of them: for a part of a decade that is too
// short for digits.
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

// logTicks has a tick at each digit of a decade, and labels at as few as make three.
func logTicks(lo, hi float64, label func(float64) string) []plot.Tick {
	at := func(digits []float64) (all []float64) {
		for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
			for _, d := range digits {
				if v := d * math.Pow(10, e); v >= lo && v <= hi {
					all = append(all, v)
				}
			}
		}
		return all
	}
	var labels []float64
	for _, digits := range labelled {
		if labels = at(digits); len(labels) >= fewestLabels {
			break
		}
	}
	if len(labels) < fewestLabels {
		labels = even(lo, hi)
	}
	var out []plot.Tick
	for _, v := range labels {
		out = append(out, plot.Tick{Value: v, Label: label(v)})
	}
	for _, v := range at([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9}) {
		if !slices.Contains(labels, v) {
			out = append(out, plot.Tick{Value: v})
		}
	}
	return out
}

// whole returns a round number of ns: "200 µs".
func whole(v float64) string {
	units := []string{"ns", "µs", "ms", "s"}
	u := 0
	for ; u < len(units)-1 && v >= 999.5; u++ {
		v /= 1000
	}
	return strconv.FormatFloat(v, 'g', 3, 64) + " " + units[u]
}

// percentTicks label fractions up to 1, and beyond where a disturbed run has such.
func percentTicks(top float64) (out plot.ConstantTicks) {
	step := 0.25
	for top > 8*step {
		step *= 2
	}
	for v := 0.0; v <= max(1, top); v += step {
		out = append(out, plot.Tick{Value: v, Label: analyze.Percent(v)})
	}
	return out
}

// coreTicks has a tick at each number of cores that was measured; those too close to the
// next labelled one have no label.
func coreTicks(cores []int) plot.ConstantTicks {
	var out plot.ConstantTicks
	apart := 0.07 * float64(cores[len(cores)-1]-cores[0])
	next := math.Inf(1)
	for _, n := range slices.Backward(cores) {
		t := plot.Tick{Value: float64(n)}
		if next-t.Value >= apart {
			t.Label = strconv.Itoa(n)
			next = t.Value
		}
		out = append(out, t)
	}
	return out
}

// speedTicks counts up to the largest speed-up in steps of a half, one, or more.
func speedTicks(top float64) plot.ConstantTicks {
	step := 0.5
	for top/step > 6 {
		step *= 2
	}
	var out plot.ConstantTicks
	for v := 0.0; v <= top; v += step {
		out = append(out, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'g', 3, 64)})
	}
	return out
}
