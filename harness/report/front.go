package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// A front returns one section of the first part of the page, which gives the answers. The section
// has a sentence, a chart and a table; the page omits an empty section. The function takes its
// chart from left, the charts that no section has yet. run is the folder of the run, for commands
// in the section.
type front func(a *analyze.Analysis, run string, left *pictures) section

// fronts lists the sections of the front in their order.
var fronts = []front{
	ofClaims, theBoundary, toUse, onOtherHosts, fromWhichSize, howCoarse, moreCores, howManyAtATime, inOrder, howManyAtOnce, howLong,
	ofProgram, ofFunction, dataCost, sideBySide, apart, whyApart, whereTimeGoes, costsOf, stillOpen,
}

// anyWidth is a width, in characters, that no text reaches, so that no text is cut.
const anyWidth = 1 << 20

// newBadge returns the badge that says how good the measurement of the run is.
func newBadge(a *analyze.Analysis) badge {
	if a.Launches == 0 || len(a.Sections) == 0 && len(a.Scales) == 0 && len(a.Latencies) == 0 {
		return badge{"bad", "No answer", "no usable launch was measured"}
	}
	word, evidence := quality(a)
	switch {
	case a.Busy():
		word, why, _ := strings.Cut(word, ": ")
		return badge{"bad", capital(strings.ToLower(word)), why + "; " + evidence}
	case word == "good" && !a.Whole():
		return badge{"warn", "Incomplete run", evidence}
	case word == "good":
		return badge{"good", "Good measurement", evidence}
	}
	word, why, ok := strings.Cut(word, ", ")
	if ok {
		evidence = why + "; " + evidence
	}
	return badge{"warn", capital(word) + map[bool]string{true: " measurement"}[!analyze.Few(a.Complete)], evidence}
}

// answer returns the answers of a run in at most three sentences: what to use for tasks that
// compute, what to use for tasks that wait, and what processes are good for.
func answer(a *analyze.Analysis) []string {
	const sentencesMost = 3
	if lines := found(a); len(lines) > 1 {
		return []string{capital(lines[0]) + ": " + lines[1] + "."}
	}
	var said []string
	used := map[bool]bool{} // by whether the tasks wait
	advice := a.Advice()
	for _, d := range advice {
		if !used[d.Waits] {
			used[d.Waits] = true
			said = append(said, advised(d))
		}
	}
	switch {
	case len(advice) == 0:
		_, said = sentences(a, &footnotes{})
	case a.Busy():
	case a.Info.Function != nil:
		said = append(said, inPython(a)...)
	default:
		if s, ok := analyze.Main(a.Sections); ok && !analyze.Few(a.Complete) {
			if text := processesAgainstLoop(s); text != "" && len(said) < sentencesMost-1 {
				said = append(said, text)
			}
		}
		if text := processesAgainstGoroutines(a); text != "" && !analyze.Few(a.Complete) {
			said = append(said, text)
		}
	}
	return said[:min(len(said), sentencesMost)]
}

// advised returns the advice d as a sentence.
func advised(d analyze.Advice) string {
	if d.Why != "" {
		return fmt.Sprintf("There is no winner for %s: %s.", tasksLike(d), d.Why)
	}
	var gains []string
	if d.Loop.Known() && analyze.KindOf(d.Use[0]) != analyze.Loops {
		gains = append(gains, gain(d.Loop)+" than a loop")
	}
	switch {
	case !d.Ahead.Known():
	case slices.Contains(d.Use, d.Next) && slices.Contains(strategies(d.Use), d.Next.Strategy):
	case slices.Contains(d.Use, d.Next):
		gains = append(gains, "as fast as "+d.Next.Strategy)
	default:
		gains = append(gains, fmt.Sprintf("%s takes %s as long", d.Next.Strategy, ranged(d.Ahead)))
	}
	form := "For %s, use %s%s (%s)."
	switch {
	case analyze.Few(d.Rounds):
		form = "For %s, %s is ahead so far%s (%s)."
	case d.Sure == analyze.Uncertain:
		form = "For %s, it is open whether %s is best%s (%s)."
	}
	how, use := "", used(d)
	if len(gains) > 0 {
		how = ": " + strings.Join(gains, "; ")
	}
	if len(d.Use) == 1 {
		use = strings.Replace(use, ", ", " with ", 1)
	}
	return fmt.Sprintf(form, tasksLike(d), use, how, sure(d))
}

// tasksLike returns a phrase that describes the tasks of an advice: "spin tasks of 101 ns to 1.0
// µs".
func tasksLike(d analyze.Advice) string {
	form := "%s tasks of %s"
	if d.Waits {
		form = "%s tasks that wait and take %s in a loop"
	}
	size := format.Time(d.From, 2)
	if d.To > d.From {
		size = format.TimeRangeOf(d.From, d.To, 2)
	}
	return fmt.Sprintf(form, workOf(d.Place.Task), size) + batches(d.Batch)
}

// toUse returns the section that advises which strategy to use. It has the advice and the decision
// charts (heat maps of speed-ups).
func toUse(a *analyze.Analysis, _ string, left *pictures) section {
	s := section{title: "What to use for which task"}
	if main, ok := analyze.Main(a.Sections); ok {
		s.parts = append(s.parts, part{chart: left.take("decision", main.Place)})
	} else {
		s.parts = append(s.parts, part{chart: left.take("decision", analyze.Place{})})
	}
	if by := left.named("decision", "by-payload"); by != nil {
		s.parts = append(s.parts, part{chart: by})
	}
	if advice := a.Advice(); len(advice) > 0 {
		s.parts = append(s.parts, part{rows: adviceRows(advice, anyWidth), caption: "Strategy, gain and certainty for each task", legend: tableTerms(a), glossary: true})
	}
	return s
}

// tableTerms returns the text that explains the table of advice.
func tableTerms(a *analyze.Analysis) string {
	text := "Times are those of one task in the loop (direct). The word “waits” marks tasks that mostly wait. "
	if a.Info.Precision > 0 {
		text += fmt.Sprintf("“Equally fast” means within %s of the fastest. ", format.Percent(a.Info.Precision))
	}
	return text + "“3 ways” means three settings that are equally fast. “Settled” means that the run found one winner, or several strategies that are equally fast."
}

// fromWhichSize returns the section on the task sizes at which strategies pay off.
func fromWhichSize(a *analyze.Analysis, _ string, left *pictures) section {
	main, ok := analyze.Main(a.Sections)
	if !ok {
		return section{}
	}
	rows := [][]string{{"strategy", "against", "is faster", "n"}}
	intervals := []string{"interval"}
	for _, against := range []bool{true, false} {
		for _, c := range main.Crossovers {
			if c = c.Upward(); c.Against() == against && c.A.Strategy != "serial" && (against || c.B.Strategy == "pool" && isPlain(c.B) && isPlain(c.A)) {
				interval := absent
				if c.Kind == analyze.Crosses && c.At.Bounded() {
					interval = c.At.Range()
				}
				rows = append(rows, []string{analyze.Brief(c.A), analyze.Brief(c.B), whereFaster(c), roundsOf(c)})
				intervals = append(intervals, interval)
			}
		}
	}
	if slices.ContainsFunc(intervals[1:], func(s string) bool { return s != absent }) {
		for i, row := range rows {
			rows[i] = slices.Insert(row, 3, intervals[i])
		}
	}
	answered := append(answer(a), "") // is at the head of the page
	text := strings.Join(slices.DeleteFunc([]string{processesAgainstLoop(main), processesAgainstGoroutines(a)}, func(s string) bool { return slices.Contains(answered, s) }), " ")
	if a.Busy() {
		text = "The machine was busy, so this run does not show at which task sizes strategies pay off."
	} else if analyze.Few(a.Complete) {
		text = fmt.Sprintf("%d rounds are needed to find the task size above which a strategy pays off; this run has %d.", harness.FewestRounds, a.Complete)
	}
	return section{"Task sizes at which strategies pay off", []part{{text: text}, {chart: left.take("crossover", main.Place)},
		{rows: rows, caption: "Task sizes at which a strategy is faster than another, for " + main.Place.String()}}}
}

// whereFaster returns, in words, the task sizes at which strategy A of crossover c is faster than
// strategy B.
func whereFaster(c analyze.Crossover) string {
	from, to := c.Zones[0].From, c.Zones[len(c.Zones)-1].To
	all := format.Span(time3(from), time3(to))
	switch c.Kind {
	case analyze.Crosses:
		if c.Stays {
			return "from " + format.Time(c.At.Value, 2) + " on"
		}
	case analyze.AlwaysA:
		return "at every size, " + all
	case analyze.AlwaysB:
		return "at no size, " + all
	case analyze.AllTied:
		return "equal, " + all
	case analyze.Unclear:
		return "unresolved, " + all
	}
	return zones(c)
}

// howCoarse returns the section on METG, which says how coarse tasks must be.
func howCoarse(a *analyze.Analysis, _ string, left *pictures) section {
	main, ok := analyze.Main(a.Sections)
	if !ok || !curved(main) {
		return section{}
	}
	var from []string
	for _, c := range main.Curves {
		if k := c.Work.Kind; isPlain(c.Series) && c.Series.Strategy != "serial" && (k == analyze.Passes || k == analyze.AlwaysAbove) {
			from = append(from, fmt.Sprintf("%s with %s", c.Work.String(), analyze.Brief(c.Series)))
		}
	}
	target := format.Percent(a.Settings.Efficiency)
	text := fmt.Sprintf("An efficiency of %s on %s needs tasks of at least %s.", target, format.Count(main.Place.Cores, "core"), format.List(from, "and"))
	if analyze.Few(a.Complete) {
		text = fmt.Sprintf("%[2]d rounds are needed to find the task size at which the efficiency reaches %[1]s; this run has %[3]d.", target, harness.FewestRounds, a.Complete)
	} else if len(from) == 0 {
		text = fmt.Sprintf("No strategy that hands over one task at a time clearly reaches an efficiency of %s.", target)
	}
	return section{"Smallest useful task size", []part{
		{text: text + " METG, the minimum effective task granularity, is this task size with the overhead of a task included."},
		{chart: left.take("efficiency", main.Place)},
		{rows: metgs(main, nil), caption: "METG by strategy, for " + main.Place.String()}}}
}

// moreCores returns the section that shows the speed-up by number of cores.
func moreCores(a *analyze.Analysis, _ string, left *pictures) section {
	for _, sections := range a.AcrossCores() {
		last := sections[len(sections)-1]
		if len(sections) < 2 || len(last.Questions) < 2 || last.Waits() {
			continue
		}
		coarse := last.Questions[len(last.Questions)-1]
		for _, s := range sections { // the coarsest grain on every number of cores
			if q := s.Questions[len(s.Questions)-1]; q.Task.Size().Compare(coarse.Task.Size()) < 0 {
				coarse = q
			}
		}
		rows := [][]string{{"strategy"}}
		var best analyze.Row
		for _, s := range sections {
			rows[0] = append(rows[0], format.Count(s.Place.Cores, "core"))
		}
		at := func(s analyze.Section, who string) (cell string) {
			for _, q := range s.Questions {
				for _, r := range q.Rows {
					if q.Task.Size() == coarse.Task.Size() && analyze.Bare(r.Cell) == who && r.Speedup.Known() {
						return ratio(r.Speedup)
					}
				}
			}
			return absent
		}
		for _, q := range last.Questions {
			for _, r := range q.Rows {
				if q.Task.Size() != coarse.Task.Size() || r.Cell.Strategy == harness.Direct {
					continue
				}
				coarse = q
				line := []string{analyze.Bare(r.Cell)}
				for _, s := range sections {
					line = append(line, at(s, line[0]))
				}
				rows = append(rows, line)
				if r.Speedup.Known() && r.Speedup.Value > best.Speedup.Value {
					best = r
				}
			}
		}
		if !best.Speedup.Known() {
			continue
		}
		tied := ""
		for _, r := range coarse.Rows {
			if r.Cell != best.Cell && r.Speedup.Known() && coarse.Versus(best.Cell, r.Cell).Verdict != analyze.Better {
				tied = "; other strategies may be as fast"
			}
		}
		place := last.Place
		place.Cores = 0
		return section{"Speed-up with more cores", []part{
			{text: fmt.Sprintf("At %s per task on %s, the highest speed-up over a loop is %s, with %s%s (%s).", work(coarse), format.Count(last.Place.Cores, "core"), ratio(best.Speedup), analyze.Bare(best.Cell), tied, ofRounds(best.N()))},
			{chart: left.take("speedup", place)},
			{rows: rows, caption: fmt.Sprintf("Speed-up over a loop for %s, %s per task", last.Place.Anywhere(), work(coarse))}}}
	}
	return section{}
}
