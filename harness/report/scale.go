package report

import (
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// A scale is what ways to run tasks cost along an axis other than the grain.
type scale struct {
	title  string
	rows   [][]string // points by series, the first is the head
	legend string
}

func newScale(s analyze.Scale) scale {
	out := scale{title: capital(s.Name())}
	head := []string{map[analyze.ScaleAxis]string{analyze.ByPayload: "payload", analyze.ByTasks: "tasks"}[s.Axis]}
	for k := range s.Who {
		head = append(head, s.Label(k))
	}
	out.rows = [][]string{append(head, "n")}
	for i := range s.At {
		row := []string{s.Point(i)}
		n := 0
		for _, c := range s.Costs[i] {
			row = append(row, cost(c))
			n = max(n, c.Time.N)
		}
		out.rows = append(out.rows, append(row, analyze.Count(n, "launch")))
	}
	out.legend = "Time per task: median of launches, and the wider half of its interval. * costs least beside the plain loop (direct), = is equivalent to that, ? is not shown to cost more; + beats the plain loop."
	if s.Axis == analyze.ByTasks {
		out.legend += " The time is that of starting the workers and of the first job, together."
	}
	return out
}

func cost(c analyze.Cost) string {
	if !c.Time.Known() {
		return "–"
	}
	text := makespan(c.Time)
	if c.VsDirect.Verdict == analyze.Better {
		text += " +"
	}
	switch {
	case c.Best:
		return text + " *"
	case !c.VsBest.Ratio.Known():
		return text // direct
	case c.VsBest.Verdict == analyze.Equivalent:
		return text + " ="
	case c.VsBest.Verdict != analyze.Worse:
		return text + " ?"
	}
	return text
}

// costs says what a scale answers: which way costs least where, and from where on each
// pays.
func costs(s analyze.Scale) string {
	text := capital(s.Name()) + ": what costs least is " + s.Winners() + "."
	var claims []claim
	for k := range s.Who {
		if k > 0 {
			one := s.Pays(k)
			many := "pay" + strings.TrimPrefix(one, "pays")
			if not, ok := strings.CutPrefix(one, "is "); ok {
				many = "are " + not
			}
			claims = append(claims, claim{who: s.Label(k), one: one, many: many})
		}
	}
	lines := merged(claims)
	if first := claims[0]; len(lines) == 1 && len(claims) > 2 {
		all := "each of them " + first.one
		if not, ok := strings.CutPrefix(first.one, "is not "); ok {
			all = "none of them is " + not
		}
		return text + " Against the plain loop " + all + "."
	}
	for i, line := range lines {
		if i == 0 {
			text += " Against the plain loop"
		} else {
			text += ";"
		}
		text += " " + line[:len(line)-1]
	}
	return text + "."
}
