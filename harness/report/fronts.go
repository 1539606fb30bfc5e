package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// howManyAtATime returns the section on the number of tasks to hand over at a time.
func howManyAtATime(a *analyze.Analysis, _ string, left *pictures) section {
	if len(a.Chunkings) == 0 {
		return section{}
	}
	rows := [][]string{{"strategy", "tasks", "best number", "chunk 1", "chunk auto", "n"}}
	for _, c := range a.Chunkings {
		name := chunkingName(c)
		for _, s := range c.Sweeps {
			longer := func(chunk harness.Chunk) string {
				if t := tile(s, s.Row(chunk)); t != absent && t != "*" {
					return t + " %"
				} else {
					return t
				}
			}
			rows = append(rows, []string{name, kind(s), string(s.Best), longer("1"), longer("auto"), strconv.Itoa(s.Row(s.Best).Makespan.N)})
			name = ""
		}
	}
	first := a.Chunkings[0]
	at := analyze.PlaceOf(first.Who)
	chart := left.take("regret", at)
	if chart == nil {
		chart = left.take("chunk", at)
	}
	return section{"Tasks to hand over at a time", []part{{text: policies(first)}, {chart: chart},
		{rows: rows, caption: "Additional time of a job, compared with the best number of tasks per chunk (*); ? means unresolved"}}}
}

// inOrder returns the section on the cost of delivery in the order of the inputs.
func inOrder(a *analyze.Analysis, _ string, left *pictures) section {
	rows := [][]string{{"strategy", "task", "window", "makespan / map", "makespan / completion order", "first result", "n"}}
	var all []analyze.Comparison
	var far analyze.Delivery // the resolved difference whose estimate is farthest from 1
	var at string
	for _, o := range a.Orderings {
		for _, k := range o.Kinds {
			for _, d := range k.Deliveries {
				if d.Cell.Order != harness.InputOrder {
					continue
				}
				rows = append(rows, []string{analyze.Label(o.Who), task(k.Work, k.Task), strconv.Itoa(d.Window()), judged(d.OverMap), judged(d.OverFree), nanos(d.First), strconv.Itoa(d.Makespan.N)})
				all = append(all, d.OverFree)
				if len(rows) == 2 || distinct(d.OverFree) && (!distinct(far.OverFree) || apartness(d.OverFree) > apartness(far.OverFree)) {
					far, at = d, analyze.PlaceOf(d.Cell).Work()+", "+task(k.Work, k.Task)
				}
			}
		}
	}
	if len(rows) == 1 {
		return section{}
	}
	text := ""
	if r := far.OverFree.Ratio; r.Known() {
		text = fmt.Sprintf("input order takes %s times as long as completion order for %s, window %d: %s (n = %d)",
			ratio(r), at, far.Window(), far.OverFree.Words(), r.N)
	}
	switch said := verdictCounts(all); {
	case said == "":
		text = ""
	case len(all) == 1:
		text = capital(text) + "."
	case distinct(far.OverFree):
		text = "Input order compared with completion order: " + said + ". The largest resolved difference: " + text + "."
	default:
		text = "Input order compared with completion order: " + said + "."
	}
	place := analyze.PlaceOf(a.Orderings[0].Who)
	return section{"Cost of input order", []part{{text: text}, {chart: left.take("order", place)},
		{rows: rows, caption: "Makespans and first results of jobs in input order. Signs: + input order is better, - it is worse, = equivalent, ? unresolved"}}}
}

// howManyAtOnce returns the section on the number of workers to use for tasks that wait.
func howManyAtOnce(a *analyze.Analysis, _ string, left *pictures) section {
	if len(a.Concurrencies) == 0 {
		return section{}
	}
	all := slices.Clone(a.Concurrencies)
	slices.SortStableFunc(all, func(x, y analyze.Concurrency) int { return len(y.Levels) - len(x.Levels) })
	rows := [][]string{{"task", "strategy", "workers", "tasks a second", "n"}}
	for _, c := range all {
		l := c.Most()
		rows = append(rows, []string{where(c.Who), analyze.Bare(c.Who), strconv.Itoa(l.Workers), strings.TrimSuffix(rate(l.Throughput), " a second"), strconv.Itoa(l.Throughput.N)})
	}
	return section{"How many waiting tasks to run at once", []part{{text: throughput(all[0])}, {chart: left.take("throughput", analyze.PlaceOf(all[0].Who))},
		{rows: rows, caption: "The highest median throughput of each strategy, and its number of workers"}}}
}

// howLong returns the section on response times.
func howLong(a *analyze.Analysis, _ string, left *pictures) section {
	if len(a.Latencies) == 0 {
		return section{}
	}
	rows := [][]string{{"tasks", "strategy", "arrivals per second", "p50", "p99", "n"}}
	for _, l := range a.Latencies {
		kept, _ := l.Kept()
		line := []string{analyze.PlaceOf(l.Who).Work(), analyze.Brief(l.Who), "fell behind at every rate", absent, absent, absent}
		if len(kept) > 0 {
			r := kept[len(kept)-1]
			line = append(line[:2], strconv.Itoa(r.Rate), percentile(r, r.P50), percentile(r, r.P99), strconv.Itoa(r.Throughput.N))
		}
		rows = append(rows, line)
	}
	return section{"Response time", []part{{text: waiting(a.Latencies[0])}, {chart: left.take("response", analyze.PlaceOf(a.Latencies[0].Who))},
		{rows: rows, caption: "Response times at the highest measured rate that each strategy kept up with." + howToMeasure(a.Latencies)}}}
}

// scaleOf returns the section that compares strategies along the given axis: by payload or by
// number of tasks. A scale is such a comparison for one kind of task. The table has the cheapest
// strategies of all scales. The sentence and the chart, which is of the given kind, are about the
// scale with the most points.
func scaleOf(a *analyze.Analysis, axis analyze.ScaleAxis, title, kind string, left *pictures) section {
	scales := slices.DeleteFunc(slices.Clone(a.Scales), func(s analyze.Scale) bool { return s.Axis != axis })
	if len(scales) == 0 {
		return section{}
	}
	slices.SortStableFunc(scales, func(x, y analyze.Scale) int { return len(y.At) - len(x.At) })
	rows := [][]string{{"tasks", axisName(axis), "cheapest", "time per task"}}
	for _, s := range scales {
		name := s.Place.String()
		for i := range s.At {
			for k, c := range s.Costs[i] {
				if c.Best {
					rows = append(rows, []string{name, s.Point(i), s.Label(k), makespan(c.Time)})
					name = ""
				}
			}
		}
	}
	return section{title, []part{{text: costs(scales[0])}, {chart: left.take(kind, scales[0].Place)},
		{rows: rows, caption: "The strategy with the shortest time, apart from the loop. Other strategies may be as fast"}}}
}

func axisName(axis analyze.ScaleAxis) string {
	if axis == analyze.ByTasks {
		return "tasks in the job"
	}
	return "payload"
}

func dataCost(a *analyze.Analysis, _ string, left *pictures) section {
	return scaleOf(a, analyze.ByPayload, "Cost of sending data", "payload", left)
}

// sideBySide returns the section that compares the ways in which tasks get their data.
func sideBySide(a *analyze.Analysis, _ string, left *pictures) section {
	if len(a.Lineups) == 0 {
		return section{}
	}
	s := lineup(a, a.Lineups[0], nil)
	return section{"Ways to get data to tasks", []part{{text: "Time per task of " + a.Lineups[0].Name() + "."},
		{chart: left.take("payload-side-by-side", a.Lineups[0].Place)}, {rows: s.parts[0].rows, caption: "Time per task"}}}
}

// apart returns the section that compares processes with goroutines for tasks that use memory or
// fail.
func apart(a *analyze.Analysis, _ string, _ *pictures) section {
	if len(a.Isolations) == 0 {
		return section{}
	}
	text := isolated(a.Isolations[0])
	if len(a.Isolations) > 1 {
		var times, memories []analyze.Comparison
		for _, i := range a.Isolations {
			times, memories = append(times, i.Time), append(memories, i.Memory)
		}
		text = ""
		if said := verdictCounts(times); said != "" {
			text = "Compared with goroutines or the direct loop, the makespan of processes is " + said + "."
		}
		if said := verdictCounts(memories); said != "" {
			text += " Their peak memory is " + said + "."
		}
	}
	s := isolation(a, a, nil)
	return section{"Memory and crashes", []part{{text: strings.TrimSpace(text)},
		{rows: s.parts[0].rows, caption: "Makespan and memory with processes, divided by those of the other strategy. Signs: + processes are better, - processes are worse, = equivalent, ? unresolved"}}}
}

// whereTimeGoes returns the section that shows what cores spend their time on.
func whereTimeGoes(a *analyze.Analysis, _ string, left *pictures) section {
	main, ok := analyze.Main(a.Sections)
	if !ok {
		i := slices.IndexFunc(a.Sections, accounted)
		if i < 0 {
			return section{}
		}
		main = a.Sections[i]
	}
	rows := accounts(main, true)
	if rows == nil {
		return section{}
	}
	said := ""
	if !analyze.Few(a.Complete) && !a.Busy() {
		said = strings.TrimSpace(handingOver(main) + " " + chunksMatter(main))
	}
	return section{"Core time", []part{
		{text: said},
		{chart: left.take("account", main.Place)},
		{rows: rows, caption: "Parts of the core time per task for " + main.Place.String(), legend: partsOfAccounts(main)}}}
}

// whyApart returns the section that says why strategies differ, from profiles of the run.
func whyApart(a *analyze.Analysis, _ string, _ *pictures) section {
	var parts []part
	for _, e := range a.Explained {
		said := brief(e)
		parts = append(parts, part{text: said[0], list: append(said[1:], details(*e.Cause, e.Difference)...)})
	}
	return section{"Why strategies differ", parts}
}

// costsOf returns the section on what each strategy costs in memory, start-up time and delays.
func costsOf(a *analyze.Analysis, _ string, left *pictures) section {
	rows := [][]string{{"strategy", "peak memory", "start-up", "time until a ready goroutine runs, p99", "tasks"}}
	seen := map[string]bool{}
	sections := slices.Clone(a.Sections)
	if main, ok := analyze.Main(a.Sections); ok {
		sections = append([]analyze.Section{main}, sections...)
	}
	for _, s := range sections {
		for _, r := range s.Questions[0].Rows {
			c := r.Cell
			c.Chunk = "1" // chunks change none of these costs
			name := analyze.Brief(c)
			acc := r.Account
			if seen[name] || !s.Most || !acc.Memory.Known() && !acc.Start.Known() {
				continue
			}
			seen[name] = true
			rows = append(rows, []string{strings.Replace(strings.Replace(name, " (chunk 1)", "", 1), "(chunk 1, ", "(", 1), mebibytes(acc.Memory), nanos(acc.Start), nanos(acc.Wakeup), s.Place.Work()})
		}
	}
	s := section{title: "Memory and start-up"}
	start := scaleOf(a, analyze.ByTasks, "", "start", left)
	s.parts = append(s.parts, part{chart: left.take("memory", analyze.Place{})})
	for _, p := range start.parts {
		if p.rows == nil {
			s.parts = append(s.parts, p)
		}
	}
	s.parts = append(s.parts, part{rows: rows, caption: "Medians of launches. Memory is the peak of all processes; start-up is the time until the executor has started"})
	return s
}

// stillOpen returns the section that lists the open questions. It includes the command that
// continues the run.
func stillOpen(a *analyze.Analysis, run string, _ *pictures) section {
	if a.Info.Precision == 0 || a.Asked == 0 {
		return section{}
	}
	if len(a.Open) == 0 {
		return section{"Open questions", []part{{text: fmt.Sprintf("No question is open: all %s are answered at a precision of %s.", format.Count(a.Asked, "question"), format.Percent(a.Info.Precision))}}}
	}
	rows := [][]string{{"task", "open comparison", "rounds", "more time"}}
	for _, o := range a.Open {
		rounds, more := absent, absent
		if o.Rounds > 0 {
			rounds, more = strconv.Itoa(o.Rounds), minutes(o.More)
		}
		at := analyze.Place{Task: o.Task, Cores: o.Cores}
		rows = append(rows, []string{at.String() + at.Nominal(), o.Standing.Open, rounds, more})
	}
	text := fmt.Sprintf("%d of %s are open at a precision of %s.", len(a.Open), format.Count(a.Asked, "question"), format.Percent(a.Info.Precision))
	resume := inFiles(a, "run", "--resume", run, "--budget", "10m")
	if a.Wanted > 0 {
		text += fmt.Sprintf(" This command will probably answer them in about %s:", minutes(a.More))
		resume = inFiles(a, "run", "--resume", run, "--rounds", strconv.Itoa(a.Wanted))
	} else {
		text += " They are too noisy for an estimate of the time that they need. This command measures for ten more minutes:"
	}
	return section{"Open questions", []part{{text: text}, {command: resume}, {rows: rows, caption: "For each open question: the comparison that is farthest from an answer, and estimates of the total rounds and the additional time that the question needs"}}}
}
