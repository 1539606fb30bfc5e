package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// sentences says what the run found, for each section: who is best where, and from
// which size of task on each strategy beats the direct loop.
func sentences(a *analyze.Analysis, n *footnotes) []sentence {
	var said []sentence
	most := map[analyze.Place]int{} // largest number of cores, by what else there is
	for _, q := range a.Questions {
		k := q.Place()
		k.Cores = 0
		most[k] = max(most[k], q.Cores)
	}
	for _, qs := range groups(a.Questions) {
		at := qs[0].Place()
		k := at
		k.Cores = 0
		short := at.Cores == most[k]
		if s := winners(a, qs); s != "" {
			said = append(said, sentence{s, short})
		}
		for _, text := range crossings(a, qs, n, true) {
			said = append(said, sentence{text, short})
		}
	}
	for _, c := range a.Chunkings {
		if s := policies(c); s != "" {
			said = append(said, sentence{s, true})
		}
	}
	for _, s := range a.Scales {
		said = append(said, sentence{costs(s), true})
	}
	for _, s := range append(waited(a), isolated(a)...) {
		said = append(said, sentence{s, true})
	}
	for _, c := range a.Claims {
		said = append(said, sentence{tested(c), true})
	}
	if len(said) == 0 {
		return []sentence{{"Nothing can be said: " + silent(a) + ".", true}}
	}
	return append(warnings(a), said...)
}

// silent says why there is nothing to say.
func silent(a *analyze.Analysis) string {
	others := map[harness.Cell]bool{}
	for _, q := range a.Questions {
		for _, r := range q.Rows {
			if r.Cell.Strategy != harness.Direct {
				others[r.Cell] = true
			}
		}
	}
	switch {
	case a.Launches == 0:
		return "this run holds no launch"
	case len(a.Questions) == 0:
		return "no launch of this run has a makespan that can be used"
	case len(others) == 0:
		return "this run holds no strategy beside the direct loop"
	}
	return "what this run measured has nothing beside it to be compared with"
}

// warnings stand before everything that is said.
func warnings(a *analyze.Analysis) []sentence {
	var out []sentence
	if t := a.Twins; t.Noisy {
		out = append(out, sentence{fmt.Sprintf("MIND: this machine was too noisy for a margin of %s: two launches of the same cell lay %s apart (median of %s). Small differences are noise whatever their verdict; measure again on a quieter machine.",
			analyze.Percent(a.Settings.Margin), apart(t.Typical), analyze.Count(t.Pairs, "pair")), true})
	}
	if !a.Whole() {
		out = append(out, sentence{fmt.Sprintf("Perhaps a part of what was planned: this run holds %s%s; what follows is of the tasks that it did measure.",
			analyze.Count(a.Complete, "round"), map[bool]string{true: " and a part of one more"}[a.Complete < a.Rounds]), true})
	}
	return out
}

// every names the grains of a sentence that is true of all of them.
func every(a *analyze.Analysis) string {
	if a.Whole() {
		return "every grain measured"
	}
	return "every grain that this part of a run holds"
}

// crossings says of the strategies of a section from which size of task on they beat
// direct, or else each other.
func crossings(a *analyze.Analysis, qs []analyze.Question, n *footnotes, againstDirect bool) []string {
	var claims []claim
	at := qs[0].Place()
	for _, c := range a.Crossovers {
		if analyze.PlaceOf(c.A) != at || c.Against() != againstDirect {
			continue
		}
		one := crossover(c, qs, every(a))
		one.rest += n.all(c.Notes, fmt.Sprintf("%s against %s, %s", analyze.Label(c.A), analyze.Label(c.B), at))
		claims = append(claims, one)
	}
	return merged(claims)
}

// winners says who is best from which size of task to which.
func winners(a *analyze.Analysis, qs []analyze.Question) string {
	type stretch struct {
		kind     analyze.WinnerKind
		names    string
		from, to string
	}
	var all []stretch
	for _, q := range qs {
		w := q.Winner
		if w.Kind == analyze.Unopposed {
			continue
		}
		cells := slices.SortedFunc(slices.Values(w.Best), func(a, b harness.Cell) int { return strings.Compare(label(a), label(b)) })
		s := stretch{w.Kind, join(cells, "and"), work(q), work(q)}
		if w.Why != "" {
			s.names = "all, since " + string(w.Why)
		} else if w.Kind == analyze.Undecided && len(cells) > 3 {
			s.names = fmt.Sprintf("%d of %d", len(cells), len(q.Rows))
		}
		if n := len(all); n > 0 && all[n-1].kind == s.kind && all[n-1].names == s.names {
			all[n-1].to = s.to
		} else {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return ""
	}
	var parts []string
	for _, s := range all {
		span := "at " + s.from
		if s.from != s.to {
			span = "from " + s.from + " to " + s.to
		}
		if len(all) == 1 && s.from != s.to {
			span += " (" + every(a) + ")"
		}
		switch s.kind {
		case analyze.Won:
			parts = append(parts, fmt.Sprintf("%s %s", s.names, span))
		case analyze.Tied:
			parts = append(parts, fmt.Sprintf("a tie of %s %s", s.names, span))
		default:
			parts = append(parts, fmt.Sprintf("undecided between %s %s", s.names, span))
		}
	}
	of := ""
	if slices.ContainsFunc(qs, func(q analyze.Question) bool { return q.Swept }) {
		of = " (of chunks 1 and auto)"
	}
	return fmt.Sprintf("Best for %s%s: %s.", qs[0].Place(), of, strings.Join(parts, "; "))
}

// A claim is a sentence in parts, so that strategies of which the same is true can share
// one: "pool (chunk 1) and pool (chunk 16) beat direct …".
type claim struct {
	who       string
	one, many string // the verb for one and for many
	rest      string
}

// merged joins claims that differ in nothing but who.
func merged(claims []claim) []string {
	var out []string
	for len(claims) > 0 {
		first := claims[0]
		who := []string{first.who}
		claims = slices.DeleteFunc(claims[1:], func(c claim) bool {
			same := first.many != "" && c.many == first.many && c.rest == first.rest
			if same {
				who = append(who, c.who)
			}
			return same
		})
		verb := first.one
		if len(who) > 1 {
			verb = first.many
		}
		out = append(out, list(who, "and")+" "+verb+" "+first.rest)
	}
	return out
}

// crossover says from which work of a task on A beats B.
func crossover(c analyze.Crossover, qs []analyze.Question, every string) claim {
	if c.Kind == analyze.Crosses && !c.Up {
		c = c.Swapped()
	}
	a, b := analyze.Label(c.A), analyze.Label(c.B)
	at := qs[0].Place()
	on := fmt.Sprintf("on %s (%s, n = %d).", analyze.Count(at.Cores, "core"), at.Work(), c.N)
	grains := fmt.Sprintf("at %s, from %s to %s,", every, analyze.Time(c.Zones[0].From, 3), analyze.Time(c.Zones[len(c.Zones)-1].To, 3))
	single := len(c.Zones) == 1 && c.Zones[0].From == c.Zones[0].To
	if single {
		grains = fmt.Sprintf("at %s per task,", analyze.Time(c.Zones[0].From, 3))
	}
	switch {
	case c.Kind == analyze.Crosses:
		interval := "no interval"
		if c.At.Bounded() {
			interval = "interval " + c.At.Range()
		}
		where := fmt.Sprintf("%s per task on %s (%s: %s, n = %d; measured at %s and %s).",
			analyze.Time(c.At.Value, 2), analyze.Count(at.Cores, "core"), at.Work(), interval, c.At.N,
			analyze.Time(c.Between[0], 3), analyze.Time(c.Between[1], 3))
		if !c.Stays {
			return claim{who: a, one: "against " + b + ":", rest: zones(c) + "; even at " + where}
		}
		return claim{who: a, one: "beats " + b, rest: "from " + where}
	case single && c.Kind != analyze.Unclear:
		return oneGrain(c, qs, a, b, grains, on)
	case c.Kind == analyze.AlwaysA:
		return claim{who: a, one: "beats " + b, many: "beat " + b, rest: grains + " " + on}
	case c.Kind == analyze.AlwaysB:
		return claim{who: a, one: "is slower than " + b, many: "are slower than " + b, rest: grains + " " + on}
	case c.Kind == analyze.AllTied:
		return claim{who: a, one: "takes the same time as " + b, many: "take the same time as " + b, rest: grains + " " + on}
	case c.Kind == analyze.Unclear && len(c.Zones) == 1:
		return claim{who: a, one: "is not shown to beat " + b + " nor to be slower", many: "are not shown to beat " + b + " nor to be slower", rest: grains + " " + on}
	}
	return claim{who: a, one: "against " + b + ":", many: "against " + b + ":", rest: zones(c) + ", " + on}
}

// zones says what holds where, by growing grain.
func zones(c analyze.Crossover) string {
	var parts []string
	for _, z := range c.Zones {
		span := "at " + analyze.Time(z.From, 3)
		if z.From != z.To {
			span = "from " + analyze.Time(z.From, 3) + " to " + analyze.Time(z.To, 3)
		}
		parts = append(parts, [...]string{"unresolved", "faster", "slower", "alike"}[z.Verdict]+" "+span)
	}
	return strings.Join(parts, ", ")
}

// oneGrain puts a number to a comparison on one size of task.
func oneGrain(c analyze.Crossover, qs []analyze.Question, a, b, grains, on string) claim {
	for _, q := range qs {
		for _, r := range q.Rows {
			who := r.Cell
			who.Grain = 0
			if who == c.A && c.Against() && r.VsDirect.Ratio.Known() {
				return claim{who: a, one: fmt.Sprintf("is %s times as fast as %s", ratio(r.Speedup), b), rest: grains + " " + on}
			}
		}
	}
	one, many := "is faster than ", "are faster than "
	switch c.Kind {
	case analyze.AlwaysB:
		one, many = "is slower than ", "are slower than "
	case analyze.AllTied:
		one, many = "takes the same time as ", "take the same time as "
	}
	return claim{who: a, one: one + b, many: many + b, rest: grains + " " + on}
}

// apart is a distance in percent, with two digits.
func apart(f float64) string { return analyze.Number(100*f, 2) + " %" }

// controls says what the run's measuring of itself showed.
func controls(a *analyze.Analysis, n *footnotes) []string {
	var out []string
	t := a.Twins
	if t.Pairs == 0 {
		out = append(out, "A/A: no pair."+n.all(t.Notes, ""))
	} else {
		s := fmt.Sprintf("A/A: two launches of the same cell lie %s apart (median of %s), %s at most; %d outside the margin of %s",
			apart(t.Typical), analyze.Count(t.Pairs, "pair"), apart(t.Worst), t.Outside, analyze.Percent(a.Settings.Margin))
		if t.Ratio.Bounded() {
			s += fmt.Sprintf("; their ratio is %s (%s to %s)", analyze.Number(t.Ratio.Value, 4), analyze.Number(t.Ratio.Lo, 4), analyze.Number(t.Ratio.Hi, 4))
		}
		out = append(out, s+"."+n.all(t.Notes, ""))
	}
	names := map[string]string{harness.UnitControl: "Fixed loop", harness.UnitPingPong: "Ping-pong between two cores"}
	for _, c := range a.Controls {
		out = append(out, fmt.Sprintf("%s: median %s, %s to %s over %s.%s", names[c.Unit],
			analyze.Time(c.Median, 3), analyze.Time(c.Min, 3), analyze.Time(c.Max, 3), analyze.Count(c.N, "launch"), n.all(c.Notes, "")))
	}
	if len(a.Controls) == 0 {
		out = append(out, "No launch measured the fixed loop or the ping-pong.")
	}
	for _, g := range a.Agreement {
		s := fmt.Sprintf("Coarse tasks, %s, %s: %d cells that should agree lie %s apart", g.Place, analyze.Count(g.Workers, "worker"), g.Cells, apart(g.Spread))
		switch {
		case len(g.Differ) > 0:
			s += "; outside the margin: " + join(g.Differ, "and")
		case g.Apart:
			s += ", which is more than the margin"
		}
		out = append(out, s+".")
	}
	return out
}
