package analyze_test

import (
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
)

func TestClaims(t *testing.T) {
	all := slices.Concat(analyzetest.Bathtub.Samples(), analyzetest.Orders(6, 0.002), analyzetest.Isolations(6, 0.002))
	chunked := func(c harness.Cell) bool { return c.Grain == 200 }
	for _, c := range []struct {
		name string
		keep func(harness.Cell) bool
		want map[string]analyze.Answer
	}{
		{"orders", func(c harness.Cell) bool { return c.Grain == 10_000 }, map[string]analyze.Answer{"C10": analyze.Yes, "C11": analyze.Depends, "C12": analyze.Yes}},
		{"isolation", func(c harness.Cell) bool { return c.Grain == 20_000 }, map[string]analyze.Answer{"C19": analyze.Yes, "C35": analyze.Yes, "C36": analyze.Yes}},
		{"all", chunked, map[string]analyze.Answer{"C03": analyze.Yes, "C04": analyze.Yes}},
		{"no unequal tasks", func(c harness.Cell) bool { return chunked(c) && c.Spread == "" }, map[string]analyze.Answer{"C03": analyze.Yes}},
		{"no chunk 1", func(c harness.Cell) bool { return chunked(c) && (c.Chunk != "1" || c.Strategy == harness.Direct) }, map[string]analyze.Answer{"C04": analyze.Yes}},
		{"no sweep", func(c harness.Cell) bool { return chunked(c) && c.Chunk == "1" }, nil},
	} {
		some := slices.DeleteFunc(slices.Clone(all), func(s harness.Sample) bool { return !c.keep(s.Cell) })
		got := slices.DeleteFunc(analyze.New(harness.Info{}, some, analyze.Settings{}).Claims, func(c analyze.Claim) bool {
			return !slices.Contains([]string{"C03", "C04", "C10", "C11", "C12", "C19", "C35", "C36"}, c.ID)
		})
		if len(got) != len(c.want) {
			t.Errorf("%s: %d claims, want %d", c.name, len(got), len(c.want))
		}
		for _, x := range got {
			if x.Answer() != c.want[x.ID] || len(x.Evidence) == 0 {
				t.Errorf("%s: %s is %v by %+v, want %v", c.name, x.ID, x.Answer(), x.Evidence, c.want[x.ID])
			}
		}
	}
}

// TestClaimOfOneRound checks that the answer to a claim stays open while the best chunk is
// undecided.
func TestClaimOfOneRound(t *testing.T) {
	var some []harness.Sample
	for _, s := range analyzetest.Bathtub.Samples() {
		if s.Round == 0 && s.Cell.Grain == 200 {
			if s.Cell.Chunk == "1" { // as noise may have it
				s.Values[harness.UnitTask] /= 10
			}
			some = append(some, s)
		}
	}
	for _, x := range analyze.New(harness.Info{}, some, analyze.Settings{}).Claims {
		if x.Answer() != analyze.Open {
			t.Errorf("%s is %v by one round: %+v", x.ID, x.Answer(), x.Evidence)
		}
	}
}

func TestAnswer(t *testing.T) {
	const yes, no, open = analyze.Yes, analyze.No, analyze.Open
	for _, c := range []struct {
		holds []analyze.Answer
		want  analyze.Answer
	}{
		{[]analyze.Answer{open}, open}, {[]analyze.Answer{open, yes, open}, open}, {[]analyze.Answer{yes, open, yes, open}, yes}, {[]analyze.Answer{no, no}, no},
		{[]analyze.Answer{yes, open, no}, analyze.Depends}, {[]analyze.Answer{no, yes}, analyze.Depends},
	} {
		var claim analyze.Claim
		for _, h := range c.holds {
			claim.Evidence = append(claim.Evidence, analyze.Evidence{Holds: h})
		}
		if got := claim.Answer(); got != c.want {
			t.Errorf("%v is %v, want %v", c.holds, got, c.want)
		}
	}
}

// TestBoundary checks the clause that says where a claim holds.
func TestBoundary(t *testing.T) {
	cells := func(holds analyze.Answer, set func(c *harness.Cell, n int), values ...int) (all []analyze.Evidence) {
		for _, n := range values {
			e := analyze.Evidence{Holds: holds}
			set(&e.Cell, n)
			all = append(all, e)
		}
		return all
	}
	grain := func(c *harness.Cell, n int) { c.Grain = n }
	recycle := func(c *harness.Cell, n int) { c.Recycle = n }
	for _, c := range []struct {
		name     string
		set      func(c *harness.Cell, n int)
		yes, no  []int
		boundary string
	}{
		{"several on both sides", grain, []int{10_000, 100_000}, []int{100, 1000}, "for grain from 10 µs on, not up to 1.0 µs"},
		{"one on each side", grain, []int{100}, []int{1000}, "for grain 100 ns, not 1.0 µs"},
		{"without a setting", recycle, []int{0, 0}, []int{1}, "without recycle, not with recycle 1"},
		{"with a setting", recycle, []int{10, 100}, []int{0}, "with recycle 10 or more, not without recycle"},
		{"a setting on both sides", recycle, []int{1, 2}, []int{10, 20}, "for recycle up to 2, not from 10 on"},
		{"mixed", grain, []int{100, 1000}, []int{300}, "no single axis separates the cases"},
		{"no evidence against", grain, []int{100}, nil, ""},
	} {
		claim := analyze.Claim{Evidence: append(cells(analyze.Yes, c.set, c.yes...), cells(analyze.No, c.set, c.no...)...)}
		if got := claim.Boundary(); got != c.boundary {
			t.Errorf("%s: %q, want %q", c.name, got, c.boundary)
		}
	}
}
