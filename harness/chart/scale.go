package chart

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// scales draws a chart for each scale: along the payload with a panel for the time of a task
// and one for the bytes in a second, along the number of tasks with the time alone.
func scales(a *analyze.Analysis) []Chart {
	var out []Chart
	seen := map[string]int{}
	for _, s := range a.Scales {
		if len(s.At) < 3 {
			continue
		}
		c := Chart{Kind: Scaled, Place: s.Place, width: 640, height: 400}
		stem := "payload"
		if s.Axis == analyze.ByTasks {
			stem = "start"
		}
		c.Name = name(stem, s.Place) + "-" + file(analyze.Count(s.Place.Cores, "core"))
		if by := s.Ways(); by != "" {
			c.Name += "-by-" + by
		}
		if seen[c.Name]++; seen[c.Name] > 1 {
			c.Name += "-" + strconv.Itoa(seen[c.Name])
		}
		c.scale(a, s)
		out = append(out, c)
	}
	return out
}

const perTask = "T/N, time per task (log scale)"

func (c *Chart) scale(a *analyze.Analysis, s analyze.Scale) {
	low, high := math.Inf(1), 0.0
	slow, fast := math.Inf(1), 0.0 // bytes in a ns
	fewestN, mostN := math.MaxInt, 0
	for i, row := range s.Costs {
		for k, cost := range row {
			if !cost.Time.Known() {
				continue
			}
			low, high = min(low, cost.Time.Value), max(high, cost.Time.Value)
			if k > 0 {
				rate := float64(s.At[i]) / cost.Time.Value
				slow, fast = min(slow, rate), max(fast, rate)
			}
			fewestN, mostN = min(fewestN, cost.Time.N), max(mostN, cost.Time.N)
		}
	}
	left := scalePanel(s, timeTicks{}, low/1.6, high*1.6)
	left.Title.Text = perTask // over the panel: beside a logarithmic axis gonum makes room for it at the wrong end
	panels := []*plot.Plot{left}
	var right *plot.Plot
	if s.Axis == analyze.ByPayload {
		right = scalePanel(s, rateTicks{}, slow/1.6, fast*1.6)
		right.Title.Text = "bytes per second (log scale)"
		panels = append(panels, right)
	}
	for k := range s.Who {
		sty := style{palette[(k+5)%6], dashes[k%len(dashes)], glyphs[k%len(glyphs)]}
		if k == 0 {
			sty = style{grey, []vg.Length{5, 3}, draw.PlusGlyph{}}
		}
		line, rate := series{style: sty}, series{style: sty}
		for i, row := range s.Costs {
			if e := row[k].Time; e.Known() {
				pt := point{float64(s.At[i]), e.Value, e.Value, e.Value}
				if e.Bounded() {
					pt.lo, pt.hi = e.Lo, e.Hi
				}
				line.points = append(line.points, pt)
				b := float64(s.At[i])
				rate.points = append(rate.points, point{b, b / pt.y, b / pt.hi, b / pt.lo})
			}
		}
		if len(line.points) == 0 {
			continue
		}
		left.Add(line)
		if right != nil && k > 0 {
			right.Add(rate)
		}
		c.legend = append(c.legend, entry{style: sty, words: s.Label(k)})
	}
	c.panels = [][]*plot.Plot{panels}
	where := fmt.Sprintf("%s on %s", s.Place.Anywhere(), analyze.Count(s.Place.Cores, "core"))
	if by := s.Ways(); by != "" {
		where += ", by " + by
	}
	reading := fmt.Sprintf("Points: medians of launches, n = %s; %s. direct is the plain loop, without any executor", span(fewestN, mostN), whiskers(a, mostN, alone))
	if s.Axis == analyze.ByTasks {
		c.Question = "After how many tasks has starting the workers paid? (" + where + ")"
		c.across = "tasks N in the job (log scale)"
		c.Caption = "T is the time to start the workers and to run the first job, " + analyze.Time(float64(s.Who[0].Grain), 3) + " of nominal work a task. " + reading + ". " + machine(a)
		return
	}
	c.Question = "What does data cost on its way to a worker and back? (" + where + ")"
	if s.Place.Order == harness.SingleOrder {
		c.Question = "How long is a round trip, by the size of the data? (" + where + ")"
	}
	c.across = "payload of a task (log scale)"
	c.Caption = reading + "; it is left out on the right, where bytes are the payload over the time of a task. " + machine(a)
}

func span(fewest, most int) string {
	if fewest >= most {
		return strconv.Itoa(most)
	}
	return fmt.Sprintf("%d to %d", fewest, most)
}

func scalePanel(s analyze.Scale, y plot.Ticker, low, high float64) *plot.Plot {
	p := newPlot()
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Min, p.X.Max = float64(s.At[0])/1.5, float64(s.At[len(s.At)-1])*1.5
	p.Y.Min, p.Y.Max = low, high
	p.X.Tick.Marker, p.Y.Tick.Marker = pointTicks(s), y
	p.Add(grid{})
	return p
}

// pointTicks label the points that were measured, where there is room.
func pointTicks(s analyze.Scale) plot.ConstantTicks {
	var out plot.ConstantTicks
	apart := math.Pow(float64(s.At[len(s.At)-1])/float64(s.At[0]), 0.14)
	last := 0.0
	for i, at := range s.At {
		t := plot.Tick{Value: float64(at)}
		if t.Value >= last*apart {
			t.Label = s.Point(i)
			if s.Axis == analyze.ByTasks {
				t.Label = strconv.Itoa(at)
			}
			last = t.Value
		}
		out = append(out, t)
	}
	return out
}

// rate returns a round number of bytes per ns: "200 MB/s".
func rate(v float64) string {
	units := []string{"B/s", "kB/s", "MB/s", "GB/s"}
	v *= 1e9
	u := 0
	for ; u < len(units)-1 && v >= 999.5; u++ {
		v /= 1000
	}
	return strconv.FormatFloat(v, 'g', 3, 64) + " " + units[u]
}
