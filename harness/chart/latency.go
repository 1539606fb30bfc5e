package chart

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// throughputs draws one chart for each kind of tasks that wait and were measured with
// several numbers of workers: throughput against concurrency, with the knee. Where workers are
// no limit, concurrency is how many tasks were under way.
func throughputs(a *analyze.Analysis) []Chart {
	return byTask(a.Concurrencies, func(c analyze.Concurrency) harness.Cell { return c.Who }, func(all []analyze.Concurrency) Chart {
		who := all[0].Who
		c := taskChart("throughput", Throughput, who, "How many tasks that wait are worth having under way at once?")
		p := newPlot()
		p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
		p.X.Min, p.X.Max = math.Inf(1), 0
		p.Y.Min, p.Y.Max = math.Inf(1), 0
		least, most := math.MaxInt, 0
		p.Add(grid{})
		for i, one := range all {
			style := styleOf(i)
			words := nameOf(one.Who)
			var line series
			line.style = style
			for _, l := range one.Levels {
				pt := point{float64(l.Workers), l.Throughput.Value, l.Throughput.Value, l.Throughput.Value}
				if one.Unbound() {
					pt.x = l.UnderWay.Value
					words += fmt.Sprintf(": %.3g under way", pt.x)
				}
				if l.Throughput.Bounded() {
					pt.lo, pt.hi = l.Throughput.Lo, l.Throughput.Hi
				}
				line.points = append(line.points, pt)
				p.X.Min, p.X.Max = min(p.X.Min, pt.x), max(p.X.Max, pt.x)
				p.Y.Min, p.Y.Max = min(p.Y.Min, pt.lo), max(p.Y.Max, pt.hi)
				least, most = min(least, l.Throughput.N), max(most, l.Throughput.N)
			}
			if one.Knee > 0 {
				p.Add(upright{style, one.Knee})
				words += fmt.Sprintf(": knee at %.3g", one.Knee)
			}
			p.Add(line)
			c.legend = append(c.legend, entry{style: style, words: words})
		}
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = p.X.Min/1.2, p.X.Max*1.2, p.Y.Min/1.2, p.Y.Max*1.2
		p.X.Tick.Marker, p.Y.Tick.Marker = powersOfTwo{}, countTicks{}
		p.Y.Label.Text = "tasks in a second"
		if !slices.ContainsFunc(all, func(c analyze.Concurrency) bool { return len(c.Levels) > 1 }) {
			return c // a point is said in a sentence
		}
		c.panels = [][]*plot.Plot{{p}}
		c.across = "workers: tasks under way at once, at most (log scale)"
		unbound := ""
		if slices.ContainsFunc(all, analyze.Concurrency.Unbound) {
			unbound = "Where workers do not limit how many tasks wait, the point stands at as many as did, on average. "
		}
		c.Caption = fmt.Sprintf("Closed loop: N/T of a job whose tasks all wait to be run. "+unbound+"Points: medians of launches, %s; %s. Upright lines are knees: "+
			"where as many workers, each as fast as the first few, would do the most that was measured. %s", rounds(least, most), whiskers(a, most, alone), machine(a))
		return c
	})
}

// responses draws one chart for each kind of tasks that arrived by several rates: response time
// against rate, a panel for each percentile.
func responses(a *analyze.Analysis) []Chart {
	return byTask(a.Latencies, func(l analyze.Latency) harness.Cell { return l.Who }, func(all []analyze.Latency) Chart {
		c := taskChart("response", ResponseTime, all[0].Who, "How long does a caller wait, at which rate?")
		percentiles := []struct {
			words string
			of    func(analyze.Response) analyze.Estimate
		}{
			{"half within", func(r analyze.Response) analyze.Estimate { return r.P50 }},
			{"99 % within", func(r analyze.Response) analyze.Estimate { return r.P99 }},
			{"99.9 % within", func(r analyze.Response) analyze.Estimate { return r.P999 }},
		}
		rates := map[int]bool{}
		low, high, left, right := math.Inf(1), 0.0, math.Inf(1), 0.0
		least, most := math.MaxInt, 0
		var row []*plot.Plot
		for k, of := range percentiles {
			p := newPlot()
			p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
			p.Title.Text = of.words
			p.Add(grid{})
			any := false
			for i, one := range all {
				line := series{style: styleOf(i)}
				for _, r := range one.Responses {
					e := of.of(r)
					if !e.Known() || !usable(e.Value) {
						continue
					}
					pt := point{float64(r.Rate), e.Value, e.Value, e.Value}
					if e.Bounded() {
						pt.lo, pt.hi = e.Lo, e.Hi
					}
					line.points = append(line.points, pt)
					rates[r.Rate] = true
					low, high = min(low, pt.lo), max(high, pt.hi)
					left, right = min(left, pt.x), max(right, pt.x)
					least, most = min(least, e.N), max(most, e.N)
				}
				if len(line.points) > 0 {
					p.Add(line)
					any = true
				}
				if k == 0 {
					c.legend = append(c.legend, entry{style: line.style, words: nameOf(one.Who) + ", " + analyze.Count(one.Who.Workers, "worker")})
				}
			}
			if any {
				row = append(row, p)
			}
		}
		for i, p := range row {
			p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = left/1.2, right*1.2, low/1.2, high*1.2
			p.X.Tick.Marker, p.Y.Tick.Marker = ticksAt(slices.Sorted(maps.Keys(rates))), timeTicks{}
			if i == 0 {
				p.Y.Label.Text = "response time"
			}
		}
		if len(rates) > 1 { // one alone is said in the table
			c.panels = [][]*plot.Plot{row}
		}
		c.across = "tasks that arrive in a second (log scale)"
		c.Caption = fmt.Sprintf("Open loop: tasks arrive by a Poisson process, whatever becomes of those before; a response is from the instant at which a task was to arrive. "+
			"Points: medians of launches, %s; %s. %s", rounds(least, most), whiskers(a, most, alone), machine(a))
		return c
	})
}

// byTask draws what belongs to one kind of tasks on one chart; those that came out empty are
// left out.
func byTask[T any](all []T, who func(T) harness.Cell, make func([]T) Chart) (out []Chart) {
	type task struct {
		analyze.Place
		grain int
	}
	of := func(one T) task { return task{analyze.PlaceOf(who(one)), who(one).Grain} }
	var seen []task
	for _, one := range all {
		if k := of(one); !slices.Contains(seen, k) {
			seen = append(seen, k)
		}
	}
	for _, k := range seen {
		var some []T
		for _, one := range all {
			if of(one) == k {
				some = append(some, one)
			}
		}
		if c := make(some); len(c.panels) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// taskChart begins a chart of one kind of tasks.
func taskChart(kind string, k Kind, who harness.Cell, question string) Chart {
	at := analyze.PlaceOf(who)
	c := Chart{Name: name(kind, at), Kind: k, Place: at, width: 640, height: 400}
	what := at.String()
	if who.Grain > 0 {
		c.Name += "-" + strconv.Itoa(who.Grain) + "-ns"
		what += ", " + whole(float64(who.Grain))
	}
	c.Name += "-" + strconv.Itoa(at.Cores) + "-cores"
	c.Question = fmt.Sprintf("%s (%s)", question, what)
	return c
}

// styleOf is the style of the i-th series of a chart whose series are not those of others.
func styleOf(i int) style {
	return style{palette[i%len(palette)], dashes[i%len(dashes)], glyphs[i%len(glyphs)]}
}

// nameOf names who does the work, without how many.
func nameOf(c harness.Cell) string {
	c.Workers, c.Order = c.Cores, harness.MapOrder
	return analyze.Label(c)
}

// powersOfTwo label a logarithmic axis of workers.
type powersOfTwo struct{}

func (powersOfTwo) Ticks(lo, hi float64) []plot.Tick {
	var out []plot.Tick
	for v := 1.0; v <= hi; v *= 2 {
		if v >= lo {
			out = append(out, plot.Tick{Value: v, Label: strconv.Itoa(int(v))})
		}
	}
	return out
}

// An upright is a line at a place of the x axis, from below to above.
type upright struct {
	style style
	x     float64
}

func (u upright) Plot(c draw.Canvas, p *plot.Plot) {
	tx, _ := p.Transforms(&c)
	if x := tx(u.x); x >= c.Min.X && x <= c.Max.X {
		line := u.style.line(0.8)
		line.Dashes = dashes[2]
		c.StrokeLine2(line, x, c.Min.Y, x, c.Max.Y)
	}
}
