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

// TestSuperlatives checks that texts single out a difference only if it is resolved. They choose
// the one that is farthest from 1, not the one that is most favourable.
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
			"Input order compared with completion order: better in 1 of 3 cases, worse in 1 and unresolved in 1. The largest resolved difference: input order takes 0.500 (0.450 to 0.550) times as long"},
		{inOrder, deliveries(against(0.9, analyze.Better), against(1.3, analyze.Worse)), "takes 1.30 (1.17 to 1.43) times as long as completion order"},
		{inOrder, deliveries(against(4, analyze.Unresolved), against(1, analyze.Equivalent), likely), "Input order compared with completion order: equivalent in 1 of 3 cases, likely worse in 1 and unresolved in 1."},
		{inOrder, deliveries(against(4, analyze.Unresolved)), "Input order takes 4.00 (3.60 to 4.40) times as long as completion order for"},
		{apart, isolations(against(0.5, analyze.Better), against(1.3, analyze.Worse), against(1.4, analyze.Worse)), "Compared with goroutines or the direct loop, the makespan of processes is better in 1 of 3 cases and worse in 2."},
		{apart, isolations(against(0.5, analyze.Better)), "takes 0.500 (0.450 to 0.550) times the time"},
	} {
		got := c.of(c.a, "", &pictures{}).parts[0].text
		if !strings.Contains(got, c.want) || strings.HasSuffix(c.want, ".") && got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestNextBest checks the column with the best strategy of another kind. It repeats no strategy
// that the advice names, and calls a strategy equally fast only if the advice does not name it.
func TestNextBest(t *testing.T) {
	of := func(name string, chunk harness.Chunk) harness.Cell {
		return harness.Cell{Strategy: name, Chunk: chunk, Workers: 2, Cores: 2}
	}
	pool, procs := of("pool", "1"), of(harness.Processes, "1")
	ratio := analyze.Estimate{Value: 1.3, Lo: 1.2, Hi: 1.4, N: 6}
	for _, c := range []struct {
		use  []harness.Cell
		want string
	}{
		{[]harness.Cell{pool}, "procs, 1.3 ×"},
		{[]harness.Cell{pool, procs}, absent},
		{[]harness.Cell{pool, of("pool", "64"), procs}, absent},
		{[]harness.Cell{pool, of("steal", "1"), of("ants", "1"), procs}, "procs, equally fast"},
	} {
		d := analyze.Advice{Use: c.use, Next: procs, Ahead: analyze.Span{Least: ratio, Most: ratio}}
		if got := nextBest(d); got != c.want {
			t.Errorf("%s: %q, want %q", used(d), got, c.want)
		}
	}
}

// TestEvidenceOfResults checks the evidence that crashes are contained. It consists of the results
// of the other tasks, not of a time.
func TestEvidenceOfResults(t *testing.T) {
	c := analyze.Claim{ID: "C35", Text: "crashes are contained", Evidence: []analyze.Evidence{{
		Cell: harness.Cell{Task: harness.Task{Workload: "spin", Grain: 20000, Shape: "kill1000"}, Strategy: harness.Processes, Chunk: "1", Workers: 2, Cores: 2},
		Of:   analyze.OfResults, Runs: 7, Holds: analyze.Yes,
	}}}
	const want = "Claim C35, crashes are contained: confirmed. It holds in 1 of 1 case: each task that did not crash had its result in 7 of 7 launches of procs (chunk 1) with spin/kill1000, nominal 20.0 µs."
	if got := tested(c); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
