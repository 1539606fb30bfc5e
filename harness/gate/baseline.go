package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/compare"
	"github.com/payoff-bench/payoff/harness/format"
)

// baseline compares the cells of a gate of kind [Baseline] with those of another run, and adds the
// comparisons as evidence. The margin of each comparison is the limit of the gate. Therefore the
// number of launches that a verdict probably needs is the number that shows on which side of the
// limit the ratio is.
func (c *checker) baseline() {
	g := c.Gates[c.at]
	older, ok := c.others[g.Baseline]
	if !ok {
		c.fail("baseline", "the run %s was not read, although this gate compares with it", g.Baseline)
		return
	}
	cells := c.cells()
	if len(cells) == 0 {
		return
	}
	o := compare.Options{Settings: c.set, Units: []string{g.Unit}, Unchanged: g.Unchanged}
	o.Margin = max(g.Limit, 1/g.Limit, 1+leastMargin) - 1
	sizes := c.sizes()
	o.Keep = func(cell harness.Cell) bool {
		size, here := sizes[cell.Question()]
		if !here { // only the other run has the task
			size = float64(cell.Grain)
		}
		return g.Cells.Selects(cell) && g.takes(size)
	}
	note := "" // on doubts about the other run; Check reports those about this run
	if older.Info.Foreign != "" {
		note = c.doubt("the results of "+g.Baseline, older.Info)
	}
	run := c.run
	older.Info.Foreign, run.Info.Foreign = "", ""
	t, err := compare.Runs(older, run, o)
	if err != nil {
		c.fail("baseline", "%s", asKeys.Replace(err.Error()))
		return
	}
	if len(t.Refusals) > 0 {
		c.fail("baseline", "%s cannot be compared with this run: %s", g.Baseline, asKeys.Replace(strings.Join(t.Refusals, "; ")))
		return
	}
	if note != "" {
		c.results[c.at].Notes = append(c.results[c.at].Notes, note)
	}
	for _, note := range slices.Concat(t.Warnings, t.Notes) {
		c.results[c.at].Notes = append(c.results[c.at].Notes, asKeys.Replace(note))
	}
	distrust := analyze.Distrust(c.run.Samples, c.set)
	for _, r := range t.Rows {
		e := Evidence{Estimate: r.Ratio, Verdict: g.compared(r.Ratio), Notes: r.Doubts}
		if e.Cell, _, err = harness.ParseName(r.Name); err != nil {
			c.fail("baseline", "%v", err)
			return
		}
		switch doubt := distrust(e.Cell); {
		case note != "" && !c.force, len(r.Doubts) > 0:
			e.Verdict = Unresolved
		case doubt != "":
			e.Verdict, e.Notes = Unresolved, append(e.Notes, string(doubt))
		case !r.Ratio.Known() && (r.Verdict == analyze.Better || r.Verdict == analyze.Worse): // from or to 0
			if grown := (r.Verdict == analyze.Worse) == (r.Better != "higher"); grown == g.AtLeast {
				e.Verdict = Holds
			} else {
				e.Verdict = Fails
			}
			e.Notes = append(e.Notes, fmt.Sprintf("the value is %s in the other run and %s in this run", number(r.Old.Value), number(r.New.Value)))
		case analyze.Few(r.Ratio.N):
			e.few(g, r.Ratio.N)
		case e.Verdict == Unresolved && r.Rounds > 0:
			e.Notes = append(e.Notes, fmt.Sprintf("a verdict probably needs about %s in each run", format.Count(r.Rounds, "launch")))
		}
		c.add(e)
	}
	for _, m := range t.Missing {
		e := Evidence{Verdict: Missing, Notes: []string{fmt.Sprintf("the %s run does not have this cell: %s", m.Side, asKeys.Replace(m.Hint))}}
		if m.Unit != "" {
			e.Notes[0] = fmt.Sprintf("no launch of the %s measured %s: %s", map[string]string{"old": "old run", "new": "new run", "both": "two runs"}[m.Side], m.Unit, asKeys.Replace(m.Hint))
		}
		if e.Cell, _, err = harness.ParseName(m.Name); err != nil {
			c.fail("baseline", "%v", err)
			return
		}
		c.add(e)
	}
}

// asKeys replaces flags of payoff compare in messages, such as --unit, by the corresponding keys of
// a gate.
var asKeys = strings.NewReplacer("--unchanged all", `unchanged = "all"`, "--unchanged", "the key unchanged", "--unit", "the key unit", "--filter", "the key cells")

// leastMargin is the margin for a gate whose limit is 1. It is not 0, because a margin of 0 would
// mean the default margin.
const leastMargin = 1e-9
