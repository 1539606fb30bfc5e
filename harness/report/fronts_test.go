package report

import (
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

func against(ratio float64, v analyze.Verdict) analyze.Comparison {
	return analyze.Comparison{Ratio: analyze.Estimate{Value: ratio, Lo: ratio * 0.9, Hi: ratio * 1.1, N: 6}, Verdict: v}
}

// TestSuperlatives checks that texts name a largest difference only among resolved ones, by its
// distance from 1, and do not single out the most favourable result.
func TestSuperlatives(t *testing.T) {
	deliveries := func(all ...analyze.Comparison) *analyze.Analysis {
		k := analyze.OrderKind{}
		for i, c := range all {
			k.Deliveries = append(k.Deliveries, analyze.Delivery{Cell: harness.Cell{Order: harness.InputOrder, Window: i + 1}, OverFree: c})
		}
		return &analyze.Analysis{Orderings: []analyze.Ordering{{Kinds: []analyze.OrderKind{k}}}}
	}
	likely := against(3, analyze.Unresolved)
	likely.Leans = analyze.Worse
	isolations := func(all ...analyze.Comparison) *analyze.Analysis {
		a := &analyze.Analysis{}
		for _, c := range all {
			a.Isolations = append(a.Isolations, analyze.Isolation{Time: c})
		}
		return a
	}
	for _, c := range []struct {
		of   func(*analyze.Analysis, string, *pictures) section
		a    *analyze.Analysis
		want string
	}{
		{inOrder, deliveries(against(0.5, analyze.Better), against(1.3, analyze.Worse), against(4, analyze.Unresolved)),
			"Input order compared with completion order: better in 1 of 3 cases, worse in 1 and unresolved in 1. The resolved estimate that is farthest from 1: input order takes 0.500 (0.450 to 0.550) times as long"},
		{inOrder, deliveries(against(0.9, analyze.Better), against(1.3, analyze.Worse)), "takes 1.30 (1.17 to 1.43) times as long as completion order"},
		{inOrder, deliveries(against(4, analyze.Unresolved), against(1, analyze.Equivalent), likely), "Input order compared with completion order: equivalent in 1 of 3 cases, likely worse in 1 and unresolved in 1."},
		{inOrder, deliveries(against(4, analyze.Unresolved)), "Input order takes 4.00 (3.60 to 4.40) times as long as completion order for"},
		{apart, isolations(against(0.5, analyze.Better), against(1.3, analyze.Worse), against(1.4, analyze.Worse)), "Compared with the other strategy, the makespan of processes is better in 1 of 3 cases and worse in 2."},
		{apart, isolations(against(0.5, analyze.Better)), "takes 0.500 (0.450 to 0.550) times the time"},
	} {
		got := c.of(c.a, "", &pictures{}).parts[0].text
		if !strings.Contains(got, c.want) || strings.HasSuffix(c.want, ".") && got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
