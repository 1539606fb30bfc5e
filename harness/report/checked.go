package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/model"
)

// An Advised is the result of payoff advise for a task that it measured.
type Advised struct {
	Check    analyze.Check
	Expected []model.Proposal // the cells of the check, in the order of their expected makespans
	Model    model.Model
	Tasks    int      // tasks in a job
	Code     []string // lines of Go code for Check.Chosen
}

// CheckedAdvice writes the cell to use for a task, the expected makespans next to those of the check,
// and the errors of the model.
func CheckedAdvice(w io.Writer, d Advised) error {
	b := bufio.NewWriter(w)
	c := d.Check
	chosen := c.Place(c.Chosen)
	loop := c.Loop()
	wrappedAt(b, "", fmt.Sprintf("%s, tasks of %s in a loop, %s in a job, %s", workOf(c.Chosen.Task), format.Time(loop.Makespan.Value, 3), format.Count(d.Tasks, "task"), format.Count(c.Chosen.Cores, "core")), screenWidth)
	use := "Use " + crewed(c.Chosen)
	switch g := chosen.Gain; {
	case analyze.KindOf(c.Chosen) == analyze.Loops:
		use += "; no strategy is faster."
	case g.Bounded():
		use += fmt.Sprintf(": %s × the speed of a loop (%s to %s).", format.Number(g.Value, 3), format.Number(g.Lo, 3), format.Number(g.Hi, 3))
	default:
		use += fmt.Sprintf(": %s × the speed of a loop (one round, no interval).", format.Number(g.Value, 3))
	}
	wrappedAt(b, "", use, screenWidth)
	for i, line := range d.Code {
		fmt.Fprintf(b, "%s%s\n", [2]string{"Code: ", "      "}[min(i, 1)], line)
	}
	rows := [][]string{{"time per task", "expected", "", "in the check", "", "against " + crewed(c.Chosen)}}
	for _, p := range c.Places {
		row := []string{crewed(p.Cell), absent, "", format.Time(p.Makespan.Value, 3), intervalOf(p.Makespan), ""}
		if i := slices.IndexFunc(d.Expected, func(e model.Proposal) bool { return e.Cell == p.Cell }); i >= 0 {
			row[1], row[2] = expected(d.Expected[i]), intervalOf(d.Expected[i].Time)
		}
		if r := p.Against.Ratio; r.Known() {
			row[5] = format.Number(r.Value, 3) + " ×"
			if r.Bounded() {
				row[5] += fmt.Sprintf(" (%s to %s)", format.Number(r.Lo, 3), format.Number(r.Hi, 3))
			}
		}
		rows = append(rows, row)
	}
	textTable(b, rows)
	wrappedAt(b, "", outcome(d), screenWidth)
	wrappedAt(b, "", grounds(d.Model), screenWidth)
	return b.Flush()
}

// crewed returns the strategy of a cell with its parameters, and always with its workers.
func crewed(c harness.Cell) string {
	name := choice(c)
	if analyze.KindOf(c) == analyze.Loops || c.Strategy == "loop" || c.Workers != c.Cores {
		return name
	}
	return name + ", " + format.Count(c.Workers, "worker")
}

func intervalOf(e analyze.Estimate) string {
	if !e.Bounded() {
		return ""
	}
	return e.Range()
}

// expected returns the expected time of a proposal, marked if it is a prediction.
func expected(p model.Proposal) string {
	if p.Predicted {
		return format.Time(p.Time.Value, 3) + " predicted"
	}
	return format.Time(p.Time.Value, 3) + " measured"
}

// outcome returns the sentences about the proposed cell: whether the check confirms it, and how far
// the expected makespan is off.
func outcome(d Advised) string {
	c, first := d.Check, d.Expected[0]
	text := fmt.Sprintf("The check (%s) confirms this choice.", format.Count(c.Rounds, "round"))
	switch was := c.Place(c.Proposed).Against.Ratio; {
	case c.Chosen != c.Proposed && c.Sure:
		text = fmt.Sprintf("The check (%s) corrects the choice: %s was expected to be the fastest, and takes %s × as long.", format.Count(c.Rounds, "round"), crewed(c.Proposed), format.Number(was.Value, 3))
	case c.Chosen != c.Proposed:
		text = fmt.Sprintf("The check (%s) changes the choice, without a verdict: %s was expected to be the fastest, and takes %s × as long.", format.Count(c.Rounds, "round"), crewed(c.Proposed), format.Number(was.Value, 3))
	case len(c.Open) > 0:
		text = fmt.Sprintf("The check (%s) leaves this choice open.", format.Count(c.Rounds, "round"))
	}
	if p := c.Place(first.Cell).Makespan; p.Known() {
		kind, inside := "measurement", "outside"
		if first.Predicted {
			kind = "prediction"
		}
		if first.Time.Lo <= p.Value && p.Value <= first.Time.Hi {
			inside = "inside"
		}
		text += fmt.Sprintf(" For %s the first %s is off by %+.1f %%, and the check is %s its band.", crewed(first.Cell), kind, 100*(first.Time.Value/p.Value-1), inside)
	}
	var open []string
	for _, p := range c.Open {
		by := "by an unknown share"
		if r := p.Against.Ratio; r.Bounded() {
			by = "by up to " + format.Percent(1-r.Lo)
		}
		open = append(open, fmt.Sprintf("%s (%s)", crewed(p.Cell), by))
	}
	if len(open) > 0 {
		text += " Perhaps faster: " + format.List(open, "and") + "."
	}
	return text
}

// grounds returns the sentence about the cells that the model predicts from, and its errors on
// held-out ones.
func grounds(m model.Model) string {
	if len(m.Series) == 0 {
		return fmt.Sprintf("Nothing is predicted: %s of this task were measured first, too few for the cost model.", format.Count(m.Cells, "cell"))
	}
	text := fmt.Sprintf("Predictions follow from a cost model of %s that were measured first.", format.Count(m.Cells, "cell"))
	if n := len(m.Judged.Cells); n > 1 {
		text += fmt.Sprintf(" Its error on held-out ones is %s (median) and at most %s, over %s; bands are 95 %%.", format.Percent(m.Judged.Share(0.5)), format.Percent(m.Judged.Share(1)), format.Count(n, "cell"))
	}
	return text
}
