package gate

import (
	"fmt"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// speedUps adds the evidence for a gate of kind [SpeedUp], without verdicts, and adds its limits to
// c.limits. The method judge later sets the verdicts, for all gates together.
func (c *checker) speedUps() {
	g := c.Gates[c.at]
	partners := c.selected("against", g.Against, c.a.Cells())
	cells := c.cells()
	if len(cells) == 0 || len(partners) == 0 {
		return
	}
	same := true // whether each cell is its own only partner
	for _, cell := range cells {
		if cell.Rate > 0 {
			c.fail("cells", `tasks that arrive at a rate have no makespan; limit their response with kind = "value" and unit = %q`, harness.UnitP99)
			return
		}
		with := g.partners(cell, partners)
		for _, other := range with {
			if other == cell {
				continue
			}
			ratio := 1 / g.Limit // the makespan of a faster cell is the smaller one
			c.limits = append(c.limits, analyze.Limit{A: cell, B: other, Ratio: ratio})
			c.places = append(c.places, [2]int{c.at, len(c.results[c.at].Evidence)})
			c.add(Evidence{Cell: cell, Against: other})
		}
		same = same && len(with) > 0 && with[0] == cell && len(with) == 1
		if len(with) == 0 {
			c.add(Evidence{Cell: cell, Verdict: Missing, Notes: []string{"no cell that the key \"against\" selects has this task and this number of cores"}})
		}
	}
	if same {
		c.fail("against", "the keys \"cells\" and \"against\" select the same cells, so the speed-up is always 1; name a different strategy in \"against\"")
	}
}

// partners returns the cells with which the gate compares the given cell. among holds the cells
// that the filter Gate.Against selects.
//
// A partner has the same task and number of cores as the cell. It also has the same order of
// delivery, unless that filter contains an order or the partner is the direct loop.
func (g Gate) partners(cell harness.Cell, among []harness.Cell) (partners []harness.Cell) {
	_, ordered := g.Against.Axes().Find("order")
	for _, other := range among {
		if other.Question() == cell.Question() && other.Rate == cell.Rate && (ordered || other.Order == cell.Order || other.Strategy == harness.Direct) {
			partners = append(partners, other)
		}
	}
	return partners
}

// judge completes the evidence of all gates of kind [SpeedUp] in the file. It judges all of them
// together, as one family.
func (c *checker) judge() {
	impossible := map[harness.Cell]bool{}
	for _, q := range c.a.Questions() {
		for _, r := range q.Rows {
			impossible[r.Cell] = r.Efficiency.Bounded() && r.Efficiency.Lo > 1+c.a.Settings.Margin
		}
	}
	for i, cmp := range analyze.Limits(c.run.Info, c.run.Samples, c.set, c.limits) {
		g := c.Gates[c.places[i][0]]
		e := &c.results[c.places[i][0]].Evidence[c.places[i][1]]
		if cmp.Ratio.Known() {
			e.Estimate = cmp.Ratio.Under(1)
		}
		switch e.Verdict = g.verdict(cmp.Verdict); {
		case cmp.Held != "":
			e.Verdict, e.Notes = Unresolved, append(e.Notes, string(cmp.Held))
		case !cmp.Ratio.Known():
			e.Verdict, e.Notes = Missing, append(e.Notes, "no round measured both cells")
		case cmp.Leans != analyze.Unresolved:
			e.Verdict = g.verdict(cmp.Leans)
			e.few(g, cmp.Ratio.N)
		case impossible[e.Cell] || impossible[e.Against]:
			e.Verdict, e.Notes = Unresolved, append(e.Notes, "an efficiency above 100 % is impossible: other work slowed down the direct loop, or the strategy used other cores")
		case e.Verdict == Unresolved && cmp.Rounds > 0:
			e.Notes = append(e.Notes, fmt.Sprintf("a verdict probably needs about %d rounds in total", cmp.Rounds))
		}
		if w := cmp.Without; w != nil && !w.Ratio.Known() {
			e.Notes = append(e.Notes, "every round has a contaminated launch")
		} else if w != nil {
			clean := g.verdict(max(w.Verdict, w.Leans))
			e.Notes = append(e.Notes, fmt.Sprintf("without the %s that have a contaminated launch, the speed-up is %s; verdict: %s", format.Count(cmp.Ratio.N-w.Ratio.N, "round"), g.shown(w.Ratio.Under(1)), clean))
			e.weigh(clean)
		}
	}
}

// verdict converts a verdict about a ratio of makespans to the verdict of the gate. If v is better,
// the speed-up is above the gate's limit; if v is worse, it is below.
func (g Gate) verdict(v analyze.Verdict) Verdict {
	switch {
	case v == analyze.Better && g.AtLeast, v == analyze.Worse && !g.AtLeast:
		return Holds
	case v == analyze.Better || v == analyze.Worse:
		return Fails
	}
	return Unresolved
}
