package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// conclusions returns a sentence on each of these: the task size from which processes beat a loop,
// the tasks for which they beat goroutines, the cost of handing over, and the benefit of chunks.
func conclusions(a *analyze.Analysis) (said []string) {
	s, ok := mainSection(a)
	if !ok || a.Complete < harness.FewestRounds {
		return nil
	}
	for _, text := range []string{processesAgainstLoop(s), processesAgainstGoroutines(a), handingOver(s), chunksMatter(s)} {
		if text != "" {
			said = append(said, text)
		}
	}
	return said
}

// mainSection returns, of the sections on the most cores whose tasks compute and need nothing
// else, the one with the most grains.
func mainSection(a *analyze.Analysis) (best analyze.Section, ok bool) {
	for _, s := range a.Sections {
		plain := s.Place.Task.Shape == "" && s.Place.Task.Memory == 0 && s.Place.Task.Payload == 0 && s.Place.Task.Tasks == 0
		if s.Most && !s.Waits() && plain && len(s.Questions) > max(1, len(best.Questions)) {
			best, ok = s, true
		}
	}
	return best, ok
}

// one reports whether a cell or series hands over one task at a time, with nothing else chosen.
func one(c harness.Cell) bool { return c.Chunk == "1" && len(c.Settings()) == 0 }

// processesAgainstLoop returns a sentence on the task size from which processes beat a loop.
func processesAgainstLoop(s analyze.Section) string {
	for _, c := range s.Crossovers {
		c = c.Upward()
		if !(c.A.Strategy == harness.Processes && one(c.A) && c.B.Strategy == harness.Direct) {
			continue
		}
		from, to := c.Zones[0].From, c.Zones[len(c.Zones)-1].To
		switch c.Kind {
		case analyze.Crosses:
			interval := ""
			if c.At.Bounded() {
				interval = " (" + c.At.Range() + ")"
			}
			return fmt.Sprintf("For %s, processes beat a loop from tasks of %s on%s.", s.Place.Work(), format.Time(c.At.Value, 2), interval)
		case analyze.AlwaysA:
			return fmt.Sprintf("For %s, processes beat a loop at every size measured, from %s to %s.", s.Place.Work(), format.Time(from, 2), format.Time(to, 2))
		case analyze.AlwaysB:
			return fmt.Sprintf("For %s, processes are slower than a loop at every size measured, up to %s.", s.Place.Work(), format.Time(to, 2))
		}
		return fmt.Sprintf("For %s, it is open from which task size processes beat a loop.", s.Place.Work())
	}
	return ""
}

// processesAgainstGoroutines returns a sentence on the tasks for which processes beat goroutines.
func processesAgainstGoroutines(a *analyze.Analysis) string {
	var where []string
	met := false
	for _, d := range a.Advice() {
		kinds := []analyze.Kind{analyze.KindOf(d.Use[0])}
		if d.Next != (harness.Cell{}) {
			kinds = append(kinds, analyze.KindOf(d.Next))
		}
		if !slices.Contains(kinds, analyze.Workers) || !slices.Contains(kinds, analyze.Goroutines) {
			continue
		}
		met = true
		if kinds[0] == analyze.Workers && d.Sure == analyze.Settled && len(d.Use) == 1 {
			where = append(where, fmt.Sprintf("for %s by %s%s", workOf(d.Place.Task), ranged(d.Ahead), reason(d.Place.Task)))
		}
	}
	switch {
	case !met:
		return ""
	case len(where) == 0:
		return "This run shows no task for which processes beat goroutines."
	}
	return "Processes beat goroutines " + format.List(where, "and") + "."
}

// reason returns in brackets why processes win, if the task shows it, or "".
func reason(t harness.Task) string {
	switch {
	case t.Workload == "alloc":
		return ", since each has its own heap,"
	case strings.Contains(t.Shape, "kill") || strings.Contains(t.Shape, "exit"):
		return ", since a crash ends one worker only,"
	}
	return ""
}

// handingOver returns a sentence on the core time of the finest tasks beyond their work.
func handingOver(s analyze.Section) string {
	q := s.Questions[0]
	var costs []string
	for _, r := range q.Rows {
		g := r.Account.Granularity
		if analyze.KindOf(r.Cell) == analyze.Loops || !one(r.Cell) || !g.Known() || !q.Work.Known() || g.Value <= q.Work.Value {
			continue
		}
		cost := format.Time(g.Value-q.Work.Value, 2)
		if len(costs) == 0 {
			cost += " of core time"
		}
		costs = append(costs, cost+" with "+r.Cell.Strategy)
	}
	if len(costs) == 0 {
		return ""
	}
	return fmt.Sprintf("Handing over one task of %s takes %s.", format.Time(q.Work.Value, 2), format.List(costs, "and"))
}

// chunksMatter returns a sentence on the task size from which chunks gain nothing, for goroutines.
func chunksMatter(s analyze.Section) string {
	from, last, strategy := math.Inf(1), 0.0, ""
	for _, q := range s.Questions {
		for _, r := range q.Rows {
			if analyze.KindOf(r.Cell) != analyze.Goroutines || one(r.Cell) || r.Cell.Chunk.Fixed() == 0 {
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
				from = q.Work.Value
			}
		}
	}
	switch {
	case strategy == "":
		return ""
	case math.IsInf(from, 1):
		return fmt.Sprintf("Chunks still gain for tasks of %s, the coarsest that had them (%s).", format.Time(last, 2), strategy)
	case last == 0:
		return fmt.Sprintf("From tasks of %s on, chunks show no resolved gain (%s).", format.Time(from, 2), strategy)
	}
	return fmt.Sprintf("Chunks gain for tasks up to %s; at %s no gain is resolved (%s).", format.Time(last, 2), format.Time(from, 2), strategy)
}

// openQuestions returns a sentence on the open questions, with the command that continues the run.
func openQuestions(dir string, a *analyze.Analysis) string {
	open := a.Asked - a.Answered
	switch {
	case a.Info.Precision == 0 || a.Asked == 0:
		return ""
	case open == 0:
		return fmt.Sprintf("%d of %d questions answered.", a.Asked, a.Asked)
	case a.Wanted == 0:
		return fmt.Sprintf("%d of %d questions open, too noisy to say for how long: payoff run --resume %s --budget 10m", open, a.Asked, dir)
	}
	return fmt.Sprintf("%d of %d questions open: payoff run --resume %s --rounds %d, about %s", open, a.Asked, dir, a.Wanted, minutes(a.More))
}
