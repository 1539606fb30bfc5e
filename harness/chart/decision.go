package chart

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// A heatMap holds the data of one heat map: a panel of speed-ups, and the texts for the name and
// the question of the chart.
type heatMap struct {
	place    analyze.Place
	where    string   // the tasks and cores, in words
	words    []string // words to append to the chart's name
	question string   // question of the chart; "" for the usual question of heat maps
	panel    *Panel
}

// decisions returns the heat maps of a run: strategies by task size, strategies by payload,
// payloads by task size for worker processes, and strategies by task for tasks that were measured
// at few sizes.
func decisions(a *analyze.Analysis) (all []heatMap) {
	for _, s := range manyGrains(a) {
		all = append(all, bySize(a, s))
	}
	all = append(all, byPayload(a)...)
	for _, s := range scales(analyze.ByPayload)(a) {
		if s.Place.Order != harness.SingleOrder {
			all = append(all, byScale(s))
		}
	}
	if w := byTask(a); w.panel != nil {
		all = append(all, w)
	}
	return all
}

func newMap(columns, rows []string) *Panel {
	return &Panel{Form: Tiles, X: Axis{Names: columns}, Y: Axis{Names: rows}, Z: Axis{Title: "speed-up over the plain loop", Unit: Ratio}}
}

// tile adds a tile to the panel, at column x and row y of the heat map. The tile shows the speed-up
// of row r, a strategy of question q.
func (p *Panel) tile(x, y int, q analyze.Question, r analyze.Row) {
	if !r.Speedup.Known() {
		return
	}
	t := withInterval(Point{X: float64(x), Y: float64(y), Z: r.Speedup.Value}, r.Speedup)
	few := t.hollow()
	loop := r.Cell.Strategy == harness.Direct
	t.Open = !loop && (few || r.VsDirect.Verdict == analyze.Unresolved)
	if k := q.Winner.Kind; slices.Contains(q.Winner.Best, r.Cell) && k != analyze.Undecided && k != analyze.Unopposed {
		t.Best = k == analyze.Won && !few
		t.Likely = !t.Best
	}
	p.Series[0].Points = append(p.Series[0].Points, t)
	p.Z.Max = max(p.Z.Max, t.Z)
}

// bySize returns the heat map of a section. Each tile shows the speed-up of a strategy over the
// direct loop. There is a row for each strategy, and a column for each grain.
func bySize(a *analyze.Analysis, s analyze.Section) heatMap {
	questions, who := compared(s), seriesOf(s)
	var columns []string
	for _, q := range questions {
		columns = append(columns, sizeOf(q))
	}
	p := newMap(columns, analyze.Labels(who))
	p.Series = []Series{{}}
	for x, q := range questions {
		for _, r := range q.Rows {
			p.tile(x, slices.Index(who, analyze.SeriesOf(r.Cell)), q, r)
		}
	}
	for y, c := range who {
		p.contour(a, s, y, func(other harness.Cell) bool { return other == bare(c) })
	}
	p.X.Title = "task size: time of a task in a plain loop"
	return heatMap{place: s.Place, where: s.Place.String(), words: []string{cores(s.Place)}, panel: p}
}

// sizeOf returns the size of the task of a question as text: "1.02 µs", "4.10 µs (batch 4)".
func sizeOf(q analyze.Question) string {
	size := format.Time(q.Work.Value, 3)
	if q.Task.Batch > 0 {
		size += fmt.Sprintf(" (batch %d)", q.Task.Batch)
	}
	return size
}

// byPayload returns a heat map for each kind of task that was measured with several payloads. A
// heat map has a row for each payload and a column for each grain. Each tile shows the speed-up of
// the fastest strategy of worker processes.
func byPayload(a *analyze.Analysis) (all []heatMap) {
	type cell struct {
		q analyze.Question
		r analyze.Row
	}
	groups := map[analyze.Place][]cell{}
	var places []analyze.Place
	for _, q := range a.Questions() {
		if q.Task.Payload == 0 || !q.Work.Known() || q.Place.Order == harness.SingleOrder {
			continue
		}
		var best analyze.Row
		for _, r := range q.Rows {
			if r.Cell.Strategy == harness.Processes && r.Speedup.Known() && r.Speedup.Value > best.Speedup.Value {
				best = r
			}
		}
		place := q.Place
		if place.Task.Payload, place.Task.Grain = 0, 0; best.Speedup.Known() {
			if groups[place] == nil {
				places = append(places, place)
			}
			groups[place] = append(groups[place], cell{q, best})
		}
	}
	for _, place := range places {
		var grains, payloads []int
		for _, c := range groups[place] {
			grains, payloads = append(grains, c.q.Task.Grain), append(payloads, c.q.Task.Payload)
		}
		grains, payloads = sorted(grains), sorted(payloads)
		if len(payloads) < 2 || len(grains) < 2 {
			continue // the heat map of tasks shows these sections
		}
		p := newMap(named(grains, func(ns int) string { return format.RoundTime(float64(ns)) }), named(payloads, func(n int) string { return format.Bytes(n) + " a task" }))
		p.Series = []Series{{Name: harness.Processes}}
		for _, c := range groups[place] {
			p.tile(slices.Index(grains, c.q.Task.Grain), slices.Index(payloads, c.q.Task.Payload), c.q, c.r)
		}
		for _, s := range a.Sections {
			of := s.Place
			of.Task.Payload, of.Task.Grain = 0, 0
			if y := slices.Index(payloads, s.Place.Task.Payload); y >= 0 && of == place && len(compared(s)) == len(grains) {
				p.contour(a, s, y, func(c harness.Cell) bool { return c.Strategy == harness.Processes })
			}
		}
		p.X.Title = "nominal task size"
		all = append(all, heatMap{place: place, where: place.String() + ", the fastest variant of procs", words: []string{cores(place), "by-payload"},
			question: "For which sizes of task and payload do processes pay off?", panel: p})
	}
	return all
}

// byScale returns the heat map of scale s. Each tile shows the speed-up of a strategy over the
// direct loop. There is a row for each strategy, and a column for each payload.
func byScale(s analyze.Scale) heatMap {
	var columns, rows []string
	for i := range s.At {
		columns = append(columns, s.Point(i))
	}
	for k := range s.Who {
		rows = append(rows, s.Label(k))
	}
	p := newMap(columns, rows)
	p.Series = []Series{{}}
	for x, costs := range s.Costs {
		best, won := fastest(costs)
		for y, cost := range costs {
			e := cost.VsDirect.Ratio
			if y == 0 && cost.Time.Known() {
				e = analyze.Estimate{Value: 1, Lo: 1, Hi: 1, N: cost.Time.N}
			}
			if e.Known() {
				t := withInterval(Point{X: float64(x), Y: float64(y), Z: 1 / e.Value}, e.Under(1))
				t.Open = y > 0 && (t.hollow() || cost.VsDirect.Verdict == analyze.Unresolved)
				t.Best, t.Likely = y == best && won && !t.hollow(), y == best && won && t.hollow()
				p.Series[0].Points = append(p.Series[0].Points, t)
				p.Z.Max = max(p.Z.Max, t.Z)
			}
		}
	}
	p.X.Title = "payload of a task"
	w := heatMap{place: s.Place, where: s.Place.String(), words: []string{cores(s.Place), "by-payload"}, panel: p}
	if by := s.Ways(); by != "" {
		w.where += ", by " + by
		w.words = append(w.words, "and-"+by)
	}
	return w
}

// fastest returns the index of the fastest candidate in costs. Index 0 is the direct loop, which is
// the fastest if no strategy has the verdict better. won is true if verdicts show that all other
// candidates are slower.
func fastest(costs []analyze.Cost) (best int, won bool) {
	worse := 0 // than direct
	for k, c := range costs {
		if k > 0 && c.VsDirect.Verdict == analyze.Worse {
			worse++
		}
		if c.Best && c.VsDirect.Verdict == analyze.Better {
			best = k
		}
	}
	if best == 0 {
		return 0, worse > 0 && worse == len(costs)-1
	}
	for k, c := range costs {
		if k > 0 && k != best && c.VsBest.Verdict != analyze.Worse {
			return best, false
		}
	}
	return best, true
}

func sorted(all []int) []int {
	slices.Sort(all)
	return slices.Compact(all)
}

func named(all []int, name func(int) string) (names []string) {
	for _, n := range all {
		names = append(names, name(n))
	}
	return names
}

// tileWidth returns the width that a chart needs so that the names of the columns do not overlap.
func (p *Panel) tileWidth() float64 {
	sty := textStyle(9, ink)
	left, column := vg.Length(0), vg.Length(56)
	for _, name := range p.Y.Names {
		left = max(left, sty.Width(name))
	}
	for _, name := range p.X.Names {
		for line := range strings.SplitSeq(strings.Replace(name, " (", "\n(", 1), "\n") {
			column = max(column, sty.Width(line)+8)
		}
	}
	return max(560, float64(2*margin+left+column*vg.Length(len(p.X.Names))+8))
}

// decision draws the heat map w, which shows speed-ups over the direct loop.
func decision(c *Chart, a *analyze.Analysis, w heatMap) {
	if w.question != "" {
		c.Question = w.question
	}
	if w.place.Task.Workload != "" {
		c.about(w.place, w.where, w.words...)
	} else {
		c.Name += "-" + strings.Join(w.words, "-")
		c.Question += " (" + w.where + ")"
	}
	p := w.panel
	if len(p.Series[0].Points) == 0 {
		return
	}
	c.Panels = []*Panel{p}
	c.Width = p.tileWidth()
	c.Height = 164 + 24*float64(len(p.Y.Names))
	for i, name := range p.X.Names {
		p.X.Names[i] = strings.Replace(name, " (", "\n(", 1)
	}
	c.tileKeys()
	n, empty := c.counts(), ""
	if len(p.Series[0].Points) < len(p.X.Names)*len(p.Y.Names) {
		empty = " Empty: not measured."
	}

	if len(p.Marks) > 0 {
		empty += " Upright lines: the task size from which the strategy of the row is faster than the loop, with its interval below."
	}
	if slices.ContainsFunc(p.Marks, func(m Mark) bool { return !m.Solid }) {
		empty += " Dashed lines are PREDICTED by a cost model, with the band of the prediction."
	}
	c.Caption = fmt.Sprintf("Each tile shows the speed-up over the plain loop (%s of the ratios of paired launches, %s).%s Verdicts have a confidence of %s and a margin of %s. %s",
		n.center(), n.rounds(), empty, format.Percent(a.Settings.Confidence), format.Percent(a.Settings.Margin), machine(a))
}
