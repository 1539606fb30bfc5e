package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// efficiencies draws the signature charts. Their axis is granularity, g = T·C/N with
// the overhead in it, since that is what METG is a point of.
func efficiencies(a *analyze.Analysis, look look) []Chart {
	groups := map[analyze.Place][]analyze.Curve{}
	var keys []analyze.Place
	for _, c := range a.Curves {
		k := analyze.PlaceOf(c.Series)
		if _, ok := groups[k]; !ok {
			keys = append(keys, k)
		}
		groups[k] = append(groups[k], c)
	}
	slices.SortFunc(keys, func(x, y analyze.Place) int {
		return cmp.Or(cmp.Compare(x.Workload, y.Workload), cmp.Compare(x.Payload, y.Payload), cmp.Compare(x.Spread, y.Spread), cmp.Compare(x.Memory, y.Memory), cmp.Compare(x.Shape, y.Shape),
			cmp.Compare(x.Order, y.Order), cmp.Compare(y.Cores, x.Cores))
	})
	var out []Chart
	for _, k := range keys {
		curves := groups[k]
		if !slices.ContainsFunc(curves, func(c analyze.Curve) bool { return len(c.Points) > 1 }) {
			continue
		}
		c := Chart{
			Name: name("efficiency", k) + "-" + file(analyze.Count(k.Cores, "core")),
			Kind: Efficiency, Place: k,
			Question: fmt.Sprintf("How coarse must tasks be to use %s well? (%s)", analyze.Count(k.Cores, "core"), k.Anywhere()),
			width:    640, height: 440,
		}
		c.efficiency(a, curves, look)
		out = append(out, c)
	}
	return out
}

func (c *Chart) efficiency(a *analyze.Analysis, curves []analyze.Curve, look look) {
	target := a.Settings.Efficiency
	p := newPlot()
	c.across = "granularity g = T·C/N: time per task × cores, overhead included (log scale)"
	p.Y.Label.Text = "efficiency E = N·w / (C·T)"
	lo, hi, top := math.Inf(1), 0.0, 1.0
	var drawn []plot.Plotter
	least, most := math.MaxInt, 0
	for _, curve := range curves {
		sty := look.of(curve.Series)
		s := series{style: sty}
		for _, q := range curve.Points {
			g, e := q.Granularity.Value, q.Efficiency
			if !usable(g) || !usable(e.Value) {
				continue
			}
			pt := point{g, e.Value, e.Value, e.Value}
			if e.Bounded() {
				pt.lo, pt.hi = e.Lo, e.Hi
			}
			lo, hi, top = min(lo, g), max(hi, g), max(top, pt.y)
			least, most = min(least, e.N), max(most, e.N)
			s.points = append(s.points, pt)
		}
		s.line = between(s.points)
		drawn = append(drawn, s)
		words := analyze.Label(curve.Series) + ": METG " + curve.METG.String()
		if m := curve.METG; m.Kind == analyze.Passes {
			mark := crossing{sty, target, m.At.Value, m.At.Value, m.At.Value}
			if m.At.Bounded() {
				mark.lo, mark.hi = m.At.Lo, m.At.Hi
			}
			lo, hi = min(lo, m.At.Value), max(hi, m.At.Value)
			drawn = append(drawn, mark)
		}
		c.legend = append(c.legend, entry{style: sty, words: words})
	}
	if !usable(lo) {
		lo, hi = 1, 10
	}
	p.X.Scale = plot.LogScale{}
	p.X.Min, p.X.Max = lo/1.4, hi*1.4
	p.X.Tick.Marker = timeTicks{}
	p.Y.Min, p.Y.Max = 0, max(1.08, top*1.04)
	p.Y.Tick.Marker = percentTicks(top)
	p.Add(grid{})
	words := fmt.Sprintf("dashed: %s, where METG is read", analyze.Percent(target))
	loop := 1 / float64(c.Place.Cores)
	if math.Abs(loop-target) < 0.01 {
		words = fmt.Sprintf("dashed: %s, for METG; the plain loop (1 of %d cores)", analyze.Percent(target), c.Place.Cores)
	} else if loop < 1 {
		p.Add(ruler{x1: p.X.Min, y1: loop, x2: p.X.Max, y2: loop, words: fmt.Sprintf("the plain loop (1 core of %d)", c.Place.Cores), right: true})
	}
	p.Add(ruler{x1: p.X.Min, y1: target, x2: p.X.Max, y2: target})
	c.legend = append(c.legend, entry{words: words, plain: true})
	p.Add(drawn...)
	c.height += legendRow * vg.Length(max(0, len(c.legend)/2-3)) // so that the legend does not take it from the panel
	c.panels = [][]*plot.Plot{{p}}
	c.Caption = fmt.Sprintf("Each point is one grain: its efficiency the %s of paired launches, %s, its granularity the median of launches; whiskers and brackets are %s intervals. "+
		"Diamonds mark METG, the smallest granularity that is %s efficient; between points the time of a task is taken as linear in its work. w is the time of a task in a plain loop in the same block. %s",
		center(least, most), rounds(least, most), analyze.Percent(a.Settings.Confidence), analyze.Percent(target), machine(a))
}

// between returns a line through points of (g, E) as the model has it: the time of a task
// is linear in its work w = E·g between neighbouring grains. METG is read off this line.
func between(points []point) []point {
	var out []point
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		wa, wb := a.x*a.y, b.x*b.y
		const steps = 16
		for k := range steps {
			w := wa * math.Pow(wb/wa, float64(k)/steps)
			g := a.x + (b.x-a.x)*(w-wa)/(wb-wa)
			if wa == wb || !usable(g) || !usable(w) {
				g, w = a.x, wa
			}
			out = append(out, point{x: g, y: w / g})
		}
	}
	return append(out, points[max(0, len(points)-1):]...)
}

func name(kind string, p analyze.Place) string {
	s := kind + "-" + p.Workload
	if p.Payload > 0 {
		s += "-" + strconv.Itoa(p.Payload) + "-bytes"
	}
	if p.Spread != "" {
		s += "-" + p.Spread
	}
	if p.Memory > 0 {
		s += "-on-" + strconv.Itoa(p.Memory)
	}
	if p.Tasks > 0 {
		s += "-" + file(analyze.Count(p.Tasks, "task"))
	}
	if p.Shape != "" {
		s += "-" + p.Shape
	}
	if p.Order != harness.MapOrder && p.Order != "" {
		s += "-" + p.Order
	}
	return s
}

// file turns words into a part of a file's name.
func file(words string) string {
	return strings.Join(strings.FieldsFunc(words, func(r rune) bool { return strings.ContainsRune(" (),", r) }), "-")
}

// center names what stands for the rounds of a ratio, as analyze has it.
func center(least, most int) string {
	switch {
	case most < analyze.SignTestFrom:
		return "geometric mean"
	case least >= analyze.SignTestFrom:
		return "median"
	}
	return fmt.Sprintf("geometric mean, or from %d on the median,", analyze.SignTestFrom)
}

func rounds(least, most int) string {
	switch {
	case most == 0:
		return "none usable"
	case least == most:
		return fmt.Sprintf("n = %d", most)
	}
	return fmt.Sprintf("n = %d to %d", least, most)
}

// Launches that an interval takes at least: of ratios, which are paired, and of a median.
const (
	paired = 2
	alone  = 6
)

// whiskers says what they are, or why there are none.
func whiskers(a *analyze.Analysis, most, from int) string {
	if most < from {
		return fmt.Sprintf("no whiskers, since an interval takes %d launches", from)
	}
	return "whiskers: " + analyze.Percent(a.Settings.Confidence) + " intervals"
}

// machine names where the run was measured.
func machine(a *analyze.Analysis) string {
	m := a.Info.Machine
	s := m.CPU
	if s == "" {
		s = "machine not recorded"
	}
	if m.Cores > 0 {
		s += ", " + analyze.Count(m.Cores, "core")
	}
	if m.GOOS != "" {
		s += fmt.Sprintf(", %s/%s", m.GOOS, m.GOARCH)
	}
	if a.Info.Go != "" {
		s += ", " + a.Info.Go
	}
	if !a.Info.Started.IsZero() {
		s += ", " + a.Info.Started.Format("2006-01-02")
	}
	return "Machine: " + s + "."
}
