package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// counselLines is the largest number of lines of a counsel.
const counselLines = 8

// Counsel writes the counsel c (the strategy to use for a task) in at most eight lines. code holds
// the lines of Go code that create the strategy. source is a text that names the run on which the
// counsel is based.
//
// foretold is a sentence with the prediction of a model for the same tasks; "" if there is none.
func Counsel(w io.Writer, c analyze.Counsel, foretold string, code []string, source string) error {
	first := lines(counselAnswer(c))
	first = append(first, lines(counselGround(c))...)
	var more []string
	for _, text := range []string{foretold, counselStart(c), counselNext(c)} {
		more = append(more, lines(text)...)
	}
	for _, note := range c.Notes {
		more = append(more, lines(capital(string(note))+".")...)
	}
	var last []string
	for i, line := range code {
		lead := "      "
		if i == 0 {
			lead = "Code: "
		}
		last = append(last, lead+line)
	}
	last = append(last, lines(source)...)
	more = more[:max(0, min(len(more), counselLines-len(first)-len(last)))]
	_, err := io.WriteString(w, strings.Join(append(append(first, more...), last...), "\n")+"\n")
	return err
}

// counselAnswer returns the sentence that names the strategy to use.
func counselAnswer(c analyze.Counsel) string {
	size := c.Need.Size()
	what, does := "Task", "computes"
	if c.Need.Wait > 0 {
		does = "waits"
	}
	if n := c.Need.Tasks; n > 0 {
		what = format.Count(n, "task")
		if n > 1 {
			does = strings.TrimSuffix(does, "s")
		}
	}
	what += fmt.Sprintf(" that %s, %s in a loop, %s", does, format.Time(float64(size), 2), format.Count(c.Above.Cores, "core"))
	best := c.Use[0]
	switch {
	case c.Why != "":
		return what + ": no winner, since " + string(c.Why) + "."
	case analyze.KindOf(best.Cell) == analyze.Loops:
		if analyze.Few(c.Rounds) {
			return what + ": the loop (direct) is ahead so far."
		}
		return what + ": use the loop (direct); no strategy beats it."
	}
	use := "use " + option(best)
	if analyze.Few(c.Rounds) {
		use = option(best) + " is ahead so far"
	}
	text := fmt.Sprintf("%s: %s, %s × faster", what, use, format.Number(best.Gain.Value, 3))
	if best.Gain.Value < 1 {
		text = fmt.Sprintf("%s: %s, %s × slower", what, use, format.Number(1/best.Gain.Value, 3))
	}
	if g := best.Gain; g.Bounded() {
		text += fmt.Sprintf(" (%s to %s)", format.Number(g.Lo, 3), format.Number(g.Hi, 3))
	}
	var same []string
	for _, o := range c.Use[1:] {
		same = append(same, option(o))
	}
	if len(same) > 2 {
		same = append(same[:2], fmt.Sprintf("%d more", len(same)-2))
	}
	if len(same) > 0 && (c.Sure == analyze.Uncertain || analyze.Few(c.Rounds)) {
		text += "; it is open whether it is better than " + format.List(same, "or")
	} else if len(same) > 0 {
		text += "; equally fast: " + format.List(same, "and")
	}
	return text + "."
}

// option returns the strategy of option o and its parameters in words: "pool with chunk 64".
func option(o analyze.Option) string {
	if name, with, ok := strings.Cut(choice(o.Cell), ", "); ok {
		return name + " with " + strings.ReplaceAll(with, ", ", " and ")
	}
	return choice(o.Cell)
}

// counselGround returns the sentence that says how certain the counsel is and on which measurements
// it is based.
func counselGround(c analyze.Counsel) string {
	at := func(q analyze.Question) string {
		for _, r := range q.Rows {
			cell := c.Use[0].Cell
			if cell.Task = q.Task; r.Cell == cell && q.Place != c.Above.Place || r.Cell == cell && c.Interpolated() {
				return fmt.Sprintf("%s (%s ×)", format.Time(q.Work.Value, 2), format.Number(r.Speedup.Value, 3))
			}
		}
		return format.Time(q.Work.Value, 2)
	}
	sure := "How sure: " + c.Sure.String() + ", " + format.Count(c.Rounds, "round")
	work := workOf(c.Above.Task)
	switch {
	case c.Outside:
		return fmt.Sprintf("NOT MEASURED at this size: the figures are those of the nearest size measured, %s tasks of %s.", work, at(c.Above))
	case c.Interpolated():
		return fmt.Sprintf("%s; interpolated between %s tasks of %s and %s.", sure, work, at(c.Below), at(c.Above))
	}
	return fmt.Sprintf("%s; measured with %s tasks of %s.", sure, work, at(c.Above))
}

// counselStart returns the sentence on the time to start the workers, and on the smallest job for
// which this time pays off. It returns "" if either is unknown. If the user named no number of
// tasks, it also returns "" if the start pays off for small jobs.
func counselStart(c analyze.Counsel) string {
	o := c.Use[0]
	if o.Start == 0 || o.Pays == 0 || c.Need.Tasks == 0 && o.Pays < 100 {
		return ""
	}
	return fmt.Sprintf("Starting %s takes %s. Compared with a loop, this pays off for jobs of at least %s.", o.Cell.Strategy, format.Time(o.Start, 2), format.Count(int(math.Min(o.Pays, math.MaxInt32)), "task"))
}

// counselNext returns the sentence that names the best strategy of another kind: goroutines if only
// processes are recommended, and processes if only goroutines are. It returns "" if there is no
// such strategy.
func counselNext(c analyze.Counsel) string {
	listed := slices.ContainsFunc(c.Use, func(o analyze.Option) bool { return o.Cell == c.Next.Cell })
	if c.Next.Cell.Strategy == "" || c.Why != "" || listed {
		return ""
	}
	slower := c.Use[0].Gain.Value / c.Next.Gain.Value
	if slower < 1.005 {
		return fmt.Sprintf("Best strategy of another kind: %s, equally fast.", option(c.Next))
	}
	return fmt.Sprintf("Best strategy of another kind: %s, %s × slower.", option(c.Next), format.Number(slower, 3))
}
