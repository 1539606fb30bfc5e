package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// sentences says what the run found: all of it, and the part that the terminal shows, where
// questions have the largest number of cores alone.
func sentences(a *analyze.Analysis, n *footnotes) (said, short []string) {
	for _, s := range a.Sections {
		texts := crossings(a, s, n, true)
		if best := winners(a, s); best != "" {
			texts = append([]string{best}, texts...)
		}
		said = append(said, texts...)
		if s.Most {
			short = append(short, texts...)
		}
	}
	var others []string
	for _, c := range a.Chunkings {
		others = append(others, policies(c)...)
	}
	for _, s := range a.Scales {
		others = append(others, costs(s))
	}
	for _, c := range a.Concurrencies {
		others = append(others, throughput(c))
	}
	for _, l := range a.Latencies {
		others = append(others, waiting(l))
	}
	for _, i := range a.Isolations {
		others = append(others, isolated(i))
	}
	for _, c := range a.Claims {
		others = append(others, tested(c))
	}
	first := warnings(a)
	if len(said)+len(others) == 0 {
		first = []string{"Nothing can be said: " + silent(a) + "."}
	}
	return slices.Concat(first, said, others), slices.Concat(first, short, others)
}

// silent says why the run answers nothing.
func silent(a *analyze.Analysis) string {
	switch {
	case a.Launches == 0:
		return "this run holds no launch"
	case len(a.Sections) == 0:
		return "no launch of this run has a makespan that can be used"
	case len(a.Strategies()) == 0:
		return "this run holds no strategy beside the direct loop"
	}
	return "what this run measured has nothing beside it to be compared with"
}

// winners names the best strategy from size of task to size of task.
func winners(a *analyze.Analysis, s analyze.Section) string {
	type stretch struct{ names, from, to string }
	var all []stretch
	swept := ""
	for _, q := range s.Questions {
		if q.Swept {
			swept = " (of chunks 1 and auto)"
		}
		if q.Winner.Kind == analyze.Unopposed {
			continue
		}
		names := winner(q)
		if n := len(all); n > 0 && all[n-1].names == names {
			all[n-1].to = work(q)
		} else {
			all = append(all, stretch{names, work(q), work(q)})
		}
	}
	if len(all) == 0 {
		return ""
	}
	var parts []string
	for _, one := range all {
		part := one.names + " " + format.Span(one.from, one.to)
		if len(all) == 1 && one.from != one.to {
			part += " (" + every(a) + ")"
		}
		parts = append(parts, part)
	}
	return fmt.Sprintf("Best for %s%s: %s.", s.Place, swept, strings.Join(parts, "; "))
}

// winner names the best strategies of a question.
func winner(q analyze.Question) string {
	w := q.Winner
	labels := slices.Sorted(slices.Values(analyze.Labels(w.Best)))
	names := format.List(labels, "and")
	switch {
	case w.Kind == analyze.Won:
		return names
	case w.Kind == analyze.Tied:
		return "a tie of " + names
	case w.Why != "":
		names = "all, since " + string(w.Why)
	case len(labels) > 3:
		names = fmt.Sprintf("%d of %d", len(labels), len(q.Rows))
	}
	return "undecided between " + names
}
