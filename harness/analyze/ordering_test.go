package analyze_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
)

func TestOrderings(t *testing.T) {
	a := analyze.New(harness.Info{}, analyzetest.Orders(6, 0.002), analyze.Settings{})
	if len(a.Orderings) != 1 || !slices.Equal(a.Orderings[0].Windows(), []int{4, 64}) || len(a.Orderings[0].Kinds) != 2 {
		t.Fatalf("%+v", a.Orderings)
	}
	var got []string
	for _, k := range a.Orderings[0].Kinds {
		for _, d := range k.Deliveries {
			got = append(got, fmt.Sprintf("%s %s %d: %s %s %s %s", k.Task.Spread, d.Cell.Order, d.Window(), d.OverMap.Verdict, d.OverFree.Verdict, d.FirstEarly.Verdict, d.MoreHeld.Verdict))
			if d.First.N != 6 || d.Held.Value != 2e4 || (d.Cell.Order == harness.InputOrder) != d.HeadOfLine.Known() {
				t.Errorf("%s: %+v", got[len(got)-1], d)
			}
		}
		if !k.Map.Known() || k.MapResult.Value < k.Map.Value {
			t.Errorf("%+v", k)
		}
	}
	for i, want := range []string{
		" input 4: worse equivalent better equivalent", " completion 4: worse unresolved better unresolved",
		" input 64: worse equivalent better equivalent", " completion 64: worse unresolved better unresolved",
		"pareto input 4: worse worse better worse", "pareto completion 4: worse unresolved better unresolved",
		"pareto input 64: worse equivalent better worse", "pareto completion 64: worse unresolved better unresolved",
	} {
		if i >= len(got) || got[i] != want {
			t.Errorf("%d: %q, want %q", i, got, want)
			break
		}
	}
	for _, q := range a.Questions() {
		if q.Order != harness.MapOrder {
			t.Errorf("a question holds streams with several windows: %s", q.Place)
		}
	}
	if a := analyze.New(harness.Info{}, slices.DeleteFunc(analyzetest.Orders(2, 0), func(s harness.Sample) bool { return s.Cell.Order == harness.CompletionOrder }), analyze.Settings{}); len(a.Orderings) != 0 {
		t.Errorf("only one order: %+v", a.Orderings)
	}
}

func TestIsolations(t *testing.T) {
	a := analyze.New(harness.Info{}, analyzetest.Isolations(6, 0.002), analyze.Settings{})
	var got []string
	for _, i := range a.Isolations {
		got = append(got, fmt.Sprintf("%s recycle %d against %s: %s %s", i.Cell.Workload+i.Cell.Shape, i.Cell.Recycle, i.Than.Strategy, i.Time.Verdict, i.Memory.Verdict))
	}
	want := []string{
		"alloc recycle 0 against pool: better better", "spin recycle 0 against pool: worse worse", "spinkill1000 recycle 0 against direct: better worse",
		"spinleak65536 recycle 0 against pool: worse equivalent", "spinleak65536 recycle 500 against pool: worse better",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if len(a.Holdings) != 3 {
		t.Fatalf("%+v", a.Holdings)
	}
	h := a.Holdings[0]
	if len(h.Rows) != 3 || h.Rows[0].Cell.Strategy != harness.Direct || h.Rows[0].Each.Known() || h.Rows[1].Each.Value < 74<<20 || h.Rows[1].Each.Value > 76<<20 {
		t.Errorf("%+v", h)
	}
}
