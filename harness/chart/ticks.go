package chart

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
)

// timeTicks labels a logarithmic axis in ns with units that people read: each decade,
// and 2 and 5 between where there are few.
type timeTicks struct{}

func (timeTicks) Ticks(lo, hi float64) []plot.Tick {
	decades := math.Log10(hi / lo)
	var out []plot.Tick
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		for d := 1.0; d < 10; d++ {
			v := d * math.Pow(10, e)
			if v < lo || v > hi {
				continue
			}
			t := plot.Tick{Value: v}
			if d == 1 || decades < 2.2 && (d == 2 || d == 5) {
				t.Label = whole(v)
			}
			out = append(out, t)
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

var percentTicks = plot.ConstantTicks{
	{Value: 0, Label: "0 %"}, {Value: 0.25, Label: "25 %"}, {Value: 0.5, Label: "50 %"}, {Value: 0.75, Label: "75 %"}, {Value: 1, Label: "100 %"},
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
