package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// crossings returns sentences about the crossovers of a section. They name the task size above
// which one strategy beats another. If againstDirect is true, the crossovers are those with the
// direct loop. Otherwise they are those between other strategies.
func crossings(a *analyze.Analysis, s analyze.Section, n *footnotes, againstDirect bool) []string {
	var claims []claim
	for _, c := range s.Crossovers {
		if c.Against() == againstDirect {
			one := crossover(s, c, everyGrain(a))
			one.rest += n.all(c.Notes, fmt.Sprintf("%s against %s, %s", analyze.Label(c.A), analyze.Label(c.B), s.Place))
			claims = append(claims, one)
		}
	}
	return merged(claims)
}

// everyGrain returns the phrase "every grain measured", or a similar phrase if the run may be
// incomplete.
func everyGrain(a *analyze.Analysis) string {
	if a.Whole() {
		return "every grain measured"
	}
	return "every grain in this partial run"
}

// A claim is a sentence in parts. Strategies with the same result can share one sentence: "pool
// (chunk 1) and pool (chunk 16) beat direct …".
type claim struct {
	who       string
	one, many string // verb for one and for several strategies; an empty many prevents sharing
	rest      string
	compared  bool // the sentence begins with "The comparison of" the strategies
}

// merged returns the claims as sentences. Claims that differ only in the strategy share one
// sentence.
func merged(claims []claim) []string {
	var out []string
	for len(claims) > 0 {
		first := claims[0]
		who := []string{first.who}
		claims = slices.DeleteFunc(claims[1:], func(c claim) bool {
			same := first.many != "" && c.many == first.many && c.rest == first.rest && c.compared == first.compared
			if same {
				who = append(who, c.who)
			}
			return same
		})
		verb, head := first.one, "The comparison of "
		if len(who) > 1 {
			verb, head = first.many, "The comparisons of "
		}
		if !first.compared {
			head = ""
		}
		out = append(out, head+format.List(who, "and")+" "+verb+" "+first.rest)
	}
	return out
}

// verbs holds the verbs for one and for several strategies with the same result at every grain.
var verbs = map[analyze.CrossKind][2]string{
	analyze.AlwaysA: {"beats ", "beat "},
	analyze.AlwaysB: {"is slower than ", "are slower than "},
	analyze.AllTied: {"takes the same time as ", "take the same time as "},
}

// crossover returns a claim on the task sizes at which strategy A of crossover c beats strategy B.
// every is the phrase of [everyGrain].
func crossover(s analyze.Section, c analyze.Crossover, every string) claim {
	c = c.Upward()
	who, b := analyze.Label(c.A), analyze.Label(c.B)
	cores := format.Count(s.Place.Cores, "core")
	on := fmt.Sprintf("on %s (%s, n = %s).", cores, s.Place.Work(), roundsOf(c))
	from, to := c.Zones[0].From, c.Zones[len(c.Zones)-1].To
	grains := fmt.Sprintf("at %s, from %s to %s, %s", every, time3(from), time3(to), on)
	single := len(c.Zones) == 1 && from == to
	if single {
		grains = fmt.Sprintf("at %s per task, %s", time3(from), on)
	}
	verb, alike := verbs[c.Kind]
	switch {
	case c.Kind == analyze.Crosses:
		interval := "no interval"
		if c.At.Bounded() {
			interval = "interval " + c.At.Range()
		}
		where := fmt.Sprintf("%s per task on %s (%s: %s, n = %d; measured at %s and %s).",
			format.Time(c.At.Value, 2), cores, s.Place.Work(), interval, c.At.N, time3(c.Between[0]), time3(c.Between[1]))
		if !c.Stays {
			return claim{who: who, one: "against " + b + ":", rest: zones(c) + "; equal at " + where}
		}
		return claim{who: who, one: "beats " + b, rest: "from " + where}
	case c.Kind == analyze.AlwaysB && single && c.Against():
		return claim{who: who, one: fmt.Sprintf("is %s × slower than %s", ratio(c.Ratio), b), rest: grains}
	case alike && single && c.Against():
		return claim{who: who, one: fmt.Sprintf("is %s times as fast as %s", ratio(c.Ratio.Under(1)), b), rest: grains}
	case c.Kind == analyze.AlwaysA && single:
		return claim{who: who, one: "is faster than " + b, many: "are faster than " + b, rest: grains}
	case alike:
		return claim{who: who, one: verb[0] + b, many: verb[1] + b, rest: grains}
	case c.Kind == analyze.Unclear && len(c.Zones) == 1:
		return claim{who, "with " + b + " is unresolved", "with " + b + " are unresolved", grains, true}
	}
	return claim{who: who, one: "against " + b + ":", many: "against " + b + ":", rest: zones(c) + ", " + on}
}

// roundsOf returns the number of rounds of a crossover as text: "6", or "6 to 16" if the grains have
// different numbers.
func roundsOf(c analyze.Crossover) string {
	if c.Most > c.N {
		return fmt.Sprintf("%d to %d", c.N, c.Most)
	}
	return strconv.Itoa(c.N)
}

// zones returns a text that lists the verdicts of crossover c, each with the range of task sizes in
// which it holds.
func zones(c analyze.Crossover) string {
	var parts []string
	for _, z := range c.Zones {
		verdict := [...]string{"unresolved", "faster", "slower", "equivalent"}[z.Verdict]
		parts = append(parts, verdict+" "+format.Span(time3(z.From), time3(z.To)))
	}
	return strings.Join(parts, ", ")
}
