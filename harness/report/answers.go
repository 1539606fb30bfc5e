package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// sentences returns the findings of the run as sentences, and adds the notes on them to n. said has
// all findings. short, for the terminal, omits the findings by task size on fewer cores than the
// largest number.
func sentences(a *analyze.Analysis, n *footnotes) (said, short []string) {
	for _, s := range a.Sections {
		texts := append(winners(a, s), crossings(a, s, n, true)...)
		said = append(said, texts...)
		if s.Most {
			short = append(short, texts...)
		}
	}
	others := slices.Concat(each(a.Chunkings, policies), each(a.Scales, costs), each(a.Concurrencies, throughput),
		each(a.Latencies, waiting), each(a.Isolations, isolated), each(a.Claims, tested))
	first := warnings(a)
	if len(said)+len(others) == 0 {
		first = []string{"No findings: " + silent(a) + "."}
	}
	return slices.Concat(first, said, others), slices.Concat(first, short, others)
}

// each returns the texts that say returns for the elements of results, without empty texts.
func each[T any](results []T, say func(T) string) (said []string) {
	for _, r := range results {
		if text := say(r); text != "" {
			said = append(said, text)
		}
	}
	return said
}

// silent returns the reason why a run has no findings.
func silent(a *analyze.Analysis) string {
	switch {
	case a.Launches == 0:
		return "this run has no launches"
	case len(a.Sections) == 0:
		return "no launch of this run has a usable makespan"
	case len(a.Strategies()) == 0:
		return "this run measured only the direct loop"
	}
	return "this run measured no two strategies that can be compared"
}

// winners returns one sentence about section s. For each range of task sizes, it names the best
// strategies. It returns nil if there is nothing to compare.
func winners(a *analyze.Analysis, s analyze.Section) []string {
	var names, sizes []string
	swept := ""
	for _, q := range s.Questions {
		if q.Swept {
			swept = " (with chunk 1 or auto)"
		}
		if q.Winner.Kind != analyze.Unopposed {
			names, sizes = append(names, winner(q)), append(sizes, work(q))
		}
	}
	if len(names) == 0 {
		return nil
	}
	all := format.Stretches(names, sizes)
	if len(all) == 1 && sizes[0] != sizes[len(sizes)-1] {
		all[0] += " (" + everyGrain(a) + ")"
	}
	return []string{fmt.Sprintf("Best for %s%s: %s.", s.Place, swept, strings.Join(all, "; "))}
}

// winner returns a text that names the best strategies of a question.
func winner(q analyze.Question) string {
	w := q.Winner
	labels := slices.Sorted(slices.Values(analyze.Labels(w.Best)))
	names := format.List(labels, "and")
	switch {
	case w.Kind == analyze.Won:
		return names
	case w.Kind == analyze.Tied:
		return "a tie of " + names
	case w.Kind == analyze.Close:
		return fmt.Sprintf("%s within %s of each other", names, format.Percent(roundUp(w.Within)))
	case w.Why != "":
		return "no winner: " + string(w.Why)
	case w.Rounds < analyze.PairedFrom:
		return analyze.Brief(w.Best[0]) + " was fastest in the only round"
	case analyze.Few(w.Rounds) && len(labels) < 3:
		return "likely " + format.List(labels, "or")
	case len(labels) > 3:
		names = fmt.Sprintf("%d of %d", len(labels), len(q.Rows))
	}
	return "undecided between " + names
}
