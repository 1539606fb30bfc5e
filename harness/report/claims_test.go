package report

import (
	"testing"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// TestOfClaims checks that the page of a run that tests most claims has a section on them, and that
// the page of another run has none.
func TestOfClaims(t *testing.T) {
	claim := func(id string, holds ...analyze.Answer) analyze.Claim {
		c := analyze.Claim{ID: id, Text: "text of " + id}
		for _, h := range holds {
			c.Evidence = append(c.Evidence, analyze.Evidence{Than: "other", Over: against(0.5, analyze.Better), Holds: h})
		}
		if len(holds) == 0 {
			c.Lacks = "cells"
		}
		return c
	}
	a := &analyze.Analysis{
		Claims:   []analyze.Claim{claim("C02", analyze.No), claim("C03", analyze.Yes, analyze.Yes), claim("C04", analyze.Yes)},
		Untested: []analyze.Claim{claim("C01")},
	}
	s := ofClaims(a, "run", nil)
	if len(s.parts) != 3 {
		t.Fatalf("got %d parts", len(s.parts))
	}
	if want := "Of 4 claims that people make about pools, this run finds 2 confirmed, 1 refuted and 1 not tested."; s.parts[0].text != want {
		t.Errorf("got %q, want %q", s.parts[0].text, want)
	}
	for i, want := range [][2]string{{"claim", "verdict"}, {"C01", "not tested"}, {"C02", "refuted"}, {"C03", "confirmed"}, {"C04", "confirmed"}} {
		if got := [2]string(s.parts[1].rows[i][:2]); got != want {
			t.Errorf("row %d: got %v, want %v", i, got, want)
		}
	}
	a.Untested = append(a.Untested, a.Claims...)
	a.Claims = a.Claims[:1]
	if s := ofClaims(a, "run", nil); len(s.parts) > 0 {
		t.Errorf("a run that tests 1 of 5 claims: got %d parts, want none", len(s.parts))
	}
}
