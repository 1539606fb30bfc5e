package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// conclusions returns a few sentences, or none if too few rounds were measured. If workers on other
// hosts ran tasks, the sentences name the task size above which these beat a loop. Otherwise they name the task
// size above which goroutines or processes beat a loop, and the tasks for which processes beat
// goroutines. They also give the cost of handing over a task, and the task size up to which chunks
// help.
func conclusions(a *analyze.Analysis) (said []string) {
	if a.Info.Function != nil && !analyze.Few(a.Complete) {
		return inPython(a)
	}
	s, ok := analyze.Main(a.Sections)
	if !ok || analyze.Few(a.Complete) {
		return nil
	}
	if said = hostsAgainstLoop(a); len(said) > 0 { // the question of such a run
		return said
	}
	for _, text := range []string{goroutinesAgainstLoop(s), processesAgainstLoop(s), processesAgainstGoroutines(a), handingOver(s), chunksMatter(s)} {
		if text != "" {
			said = append(said, text)
		}
	}
	return said
}

// isPlain reports whether the strategy of the cell hands over one task at a time, and has defaults
// for all other settings.
func isPlain(c harness.Cell) bool { return c.Chunk == "1" && len(c.Settings()) == 0 }

// processesAgainstLoop returns a sentence that names the task size above which processes beat a
// loop.
func processesAgainstLoop(s analyze.Section) string {
	return againstLoop(s, harness.Processes, "processes")
}

// goroutinesAgainstLoop returns a sentence that names the task size above which goroutines beat a
// loop, and the number of inputs in such a task. If a task is not a batch of inputs, it returns ""
// unless the size lies between two measured ones.
func goroutinesAgainstLoop(s analyze.Section) string {
	crosses := slices.ContainsFunc(s.Crossovers, func(c analyze.Crossover) bool {
		c = c.Upward()
		return c.Kind == analyze.Crosses && c.A.Strategy == "pool" && isPlain(c.A) && c.Against()
	})
	if s.Questions[len(s.Questions)-1].Task.Batch == 0 && !crosses {
		return ""
	}
	return againstLoop(s, "pool", "goroutines")
}

// againstLoop returns a sentence that names the task size above which a strategy beats a loop. The
// sentence calls the strategy by the text name.
func againstLoop(s analyze.Section, strategy, name string) string {
	for _, c := range s.Crossovers {
		c = c.Upward()
		if !(c.A.Strategy == strategy && isPlain(c.A) && c.B.Strategy == harness.Direct) {
			continue
		}
		from, to := c.Zones[0].From, c.Zones[len(c.Zones)-1].To
		switch c.Kind {
		case analyze.Crosses:
			interval := ""
			if c.At.Bounded() {
				interval = " (" + c.At.Range() + ")"
			}
			return fmt.Sprintf("For %s, %s beat a loop if a task takes %s or longer%s%s.", s.Place.Work(), name, format.Time(c.At.Value, 2), interval, batchesFrom(s, c))
		case analyze.AlwaysA:
			return fmt.Sprintf("For %s, %s beat a loop at every size measured, from %s to %s%s.", s.Place.Work(), name, format.Time(from, 2), format.Time(to, 2), batchesFrom(s, c))
		case analyze.AlwaysB:
			return fmt.Sprintf("For %s, %s are slower than a loop at every size measured, up to %s.", s.Place.Work(), name, format.Time(to, 2))
		}
		return fmt.Sprintf("For %s, the task size above which %s beat a loop is unresolved.", s.Place.Work(), name)
	}
	return ""
}

// batchesFrom returns a phrase that names the smallest measured batch from which strategy A of
// crossover c beats strategy B. It returns "" if there is none, or if a task is not a batch of
// inputs.
func batchesFrom(s analyze.Section, c analyze.Crossover) string {
	last := c.Zones[len(c.Zones)-1]
	for _, q := range s.Questions {
		if q.Task.Batch > 0 && q.Work.Value == last.From && last.Verdict == analyze.Better {
			if q.Task.Batch == 1 {
				return ", even with one input per task"
			}
			return fmt.Sprintf(", measured with batches of %d inputs or more", q.Task.Batch)
		}
	}
	return ""
}

// processesAgainstGoroutines returns a sentence that says for which tasks processes beat
// goroutines, and why.
func processesAgainstGoroutines(a *analyze.Analysis) string {
	var where []string
	var lost []analyze.Difference
	advice := a.Advice()
	rows := map[string]int{} // of the table, by kind of task
	for _, d := range advice {
		rows[workOf(d.Place.Task)]++
	}
	for _, d := range advice {
		if d.Next == (harness.Cell{}) {
			continue
		}
		name := workOf(d.Place.Task)
		if rows[name] > 1 { // the other sizes may have another answer
			name = tasksLike(d)
		}
		switch kinds := [2]analyze.Kind{analyze.KindOf(d.Use[0]), analyze.KindOf(d.Next)}; {
		case kinds == [2]analyze.Kind{analyze.Goroutines, analyze.Workers}:
			lost = append(lost, a.Difference(d.Next, d.Use[0]))
		case kinds != [2]analyze.Kind{analyze.Workers, analyze.Goroutines}:
		case d.Sure == analyze.Settled && len(d.Use) == 1:
			where = append(where, fmt.Sprintf("for %s by %s%s", name, ranged(d.Ahead), bracketed(reason(a.Difference(d.Use[0], d.Next)))))
		default:
			lost = append(lost, analyze.Difference{})
		}
	}
	text := ""
	switch {
	case len(where) > 0:
		text = "Processes beat goroutines " + format.List(where, "and") + "."
	case len(lost) > 0:
		text = "This run shows no task for which processes beat goroutines" + bracketed(burden(lost[0])) + "."
	}
	if d, ok := a.Survivor(); ok && text != "" {
		text += fmt.Sprintf(" Only processes survive a crash (%s).", workOf(d.Place.Task))
	}
	return text
}

// bracketed returns a space and then text in brackets. It returns "" if text is empty.
func bracketed(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// reason returns a phrase that says why cell A of a difference needs less core time than cell B. If
// garbage collection takes much of the CPU time, the phrase names it. Otherwise it names the part
// of the core time in which A saves most. reason returns "" if no saving is resolved: its interval
// includes 0.
func reason(d analyze.Difference) string {
	const much = 0.1 // share of the CPU time
	if d.Collector >= much && d.Total.Value < 0 {
		return fmt.Sprintf("garbage collection takes %.0f %% of CPU time", 100*d.Collector)
	}
	return largest(d, -1, "less ")
}

// burden returns a phrase that names the part of the core time in which cell A of a difference
// needs most more than cell B. It returns "" if the interval of each such part includes 0.
func burden(d analyze.Difference) string { return largest(d, 1, "they need more ") }

// largest returns the text lead followed by the name of the part of the core time that changes most
// in the direction of sign. It considers only changes whose interval excludes 0, and returns "" if
// there is none.
func largest(d analyze.Difference, sign float64, lead string) string {
	for _, p := range d.Parts {
		if p.Change.Resolved() && p.Change.Value*sign > 0 && p.Name != analyze.PartRest {
			return lead + p.Name
		}
	}
	return ""
}

// handingOver returns a sentence that says how much it costs to hand over one task. The cost is the
// core time per task minus the work of the task, for the finest tasks of section s.
func handingOver(s analyze.Section) string {
	q := s.Questions[0]
	var costs []string
	for _, r := range q.Rows {
		c := r.Account.Overhead
		if analyze.KindOf(r.Cell) == analyze.Loops || !isPlain(r.Cell) || !c.Resolved() || c.Value < 0 {
			continue
		}
		cost := format.Time(c.Value, 2)
		interval := format.TimeRangeOf(c.Lo, c.Hi, 2)
		if _, unit, _ := strings.Cut(cost, " "); strings.Count(interval, unit) == 1 {
			interval = strings.TrimSuffix(interval, " "+unit) // said before
		}
		cost += " (" + interval + ")"
		if len(costs) == 0 {
			cost += " of core time"
		}
		costs = append(costs, cost+" with "+r.Cell.Strategy)
	}
	if len(costs) == 0 {
		return ""
	}
	return fmt.Sprintf("Handing over one task takes %s.", strings.Join(costs, ", "))
}

// chunksMatter returns a sentence that names the task size up to which chunks make goroutines
// faster.
func chunksMatter(s analyze.Section) string {
	from, last, strategy := math.Inf(1), 0.0, ""
	alike := false // whether all chunks are equivalent at from
	for _, q := range s.Questions {
		for _, r := range q.Rows {
			if analyze.KindOf(r.Cell) != analyze.Goroutines || isPlain(r.Cell) || r.Cell.Chunk.Fixed() == 0 {
				continue
			}
			plain := r.Cell
			plain.Chunk = "1"
			c := q.Versus(r.Cell, plain)
			if !c.Ratio.Known() || !q.Work.Known() {
				continue
			}
			strategy = r.Cell.Strategy
			if c.Verdict == analyze.Better {
				from, last = math.Inf(1), q.Work.Value
			} else if math.IsInf(from, 1) {
				from, alike = q.Work.Value, c.Verdict == analyze.Equivalent
			} else if q.Work.Value == from {
				alike = alike && c.Verdict == analyze.Equivalent
			}
		}
	}
	switch {
	case strategy == "":
		return ""
	case math.IsInf(from, 1):
		return fmt.Sprintf("Chunks make %[2]s faster even for tasks of %[1]s, the coarsest measured with chunks.", format.Time(last, 2), strategy)
	case last == 0:
		return fmt.Sprintf("With %[2]s, this run does not show that chunks help tasks of %[1]s or longer.", format.Time(from, 2), strategy)
	}
	then := "no gain is shown"
	if alike {
		then = "chunks make no difference"
	}
	return fmt.Sprintf("Chunks make %s faster for tasks up to %s; at %s, %s.", strategy, format.Time(last, 2), format.Time(from, 2), then)
}

// openQuestions returns a sentence that says how many questions are open, and the command that
// continues the run. The command is "" if no question is open.
func openQuestions(dir string, a *analyze.Analysis) (text, resume string) {
	open := a.Asked - a.Answered
	switch {
	case a.Info.Precision == 0 || a.Asked == 0:
		return "", ""
	case open == 0:
		return fmt.Sprintf("%d of %d questions answered.", a.Asked, a.Asked), ""
	case a.Wanted == 0:
		return fmt.Sprintf("%d of %d questions are open. They are too noisy for an estimate of the time that they need; this command measures for 10 more minutes:", open, a.Asked), command(a, "run", "--resume", dir, "--budget", "10m")
	}
	return fmt.Sprintf("%d of %d questions are open; this command will probably answer them in about %s:", open, a.Asked, minutes(a.More)), command(a, "run", "--resume", dir, "--rounds", strconv.Itoa(a.Wanted))
}
