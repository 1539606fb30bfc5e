package analyze_test

import (
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
)

// TestClaimWorlds checks that a claim is confirmed where it is true, refuted where it is false, and
// depends where it is true at one of two points, in at least 95 % of simulated runs.
func TestClaimWorlds(t *testing.T) {
	draws := 20
	if testing.Short() {
		draws = 5
	}
	set := analyze.Settings{Waits: func(workload string) bool { return workload == "sleep" }}
	right, all := 0, 0
	for _, w := range analyzetest.Worlds() {
		for _, c := range []struct {
			holds [2]bool
			want  analyze.Answer
		}{{[2]bool{true, true}, analyze.Yes}, {[2]bool{false, false}, analyze.No}, {[2]bool{true, false}, analyze.Depends}, {[2]bool{false, true}, analyze.Depends}} {
			good := 0
			for draw := range draws {
				info, samples := w.Samples(c.holds, 6, 0.01, uint64(draw))
				claims := analyze.New(info, samples, set).Claims
				i := slices.IndexFunc(claims, func(x analyze.Claim) bool { return x.ID == w.ID })
				if i < 0 {
					t.Fatalf("%s is not tested by its world", w.ID)
				}
				if claims[i].Answer() == c.want {
					good++
				} else if testing.Verbose() {
					t.Logf("%s, true at %v: %v by %+v", w.ID, c.holds, claims[i].Answer(), claims[i].Evidence)
				}
			}
			if right, all = right+good, all+draws; good < draws*3/4 {
				t.Errorf("%s, true at %v: %v in %d of %d runs", w.ID, c.holds, c.want, good, draws)
			}
		}
	}
	t.Logf("right in %d of %d runs", right, all)
	if 100*right < 95*all {
		t.Errorf("right in %d of %d runs", right, all)
	}
}

// TestEachClaimHasAWorld checks that the test above covers each claim.
func TestEachClaimHasAWorld(t *testing.T) {
	var with []string
	for _, w := range analyzetest.Worlds() {
		with = append(with, w.ID)
	}
	slices.Sort(with)
	if ids := analyze.ClaimIDs(); !slices.Equal(ids, with) || len(ids) != 39 {
		t.Errorf("claims %v, worlds %v", ids, with)
	}
}

// TestClaimLacksUnit checks that a claim about a quantity that no launch measured has no verdict, and
// says why.
func TestClaimLacksUnit(t *testing.T) {
	i := slices.IndexFunc(analyzetest.Worlds(), func(w analyzetest.World) bool { return w.ID == "C07" })
	info, samples := analyzetest.Worlds()[i].Samples([2]bool{true, true}, 6, 0.01, 1)
	for _, s := range samples {
		delete(s.Values, harness.UnitPSS)
	}
	for absent, want := range map[string]string{
		"":            "the unit peak-pss-bytes, which no launch measured",
		"not allowed": "the unit peak-pss-bytes, which was not measured: not allowed",
	} {
		info.Absent = nil
		if absent != "" {
			info.Absent = map[string]string{harness.UnitPSS: absent}
		}
		all := analyze.New(info, samples, analyze.Settings{}).AllClaims()
		c := all[slices.IndexFunc(all, func(c analyze.Claim) bool { return c.ID == "C07" })]
		if c.Lacks != want || c.Answer() != analyze.Open || len(c.Evidence) > 0 {
			t.Errorf("%+v, want a claim that lacks %s", c, want)
		}
	}
}

// TestClaimOfFewRounds checks that no claim has a verdict after two rounds.
func TestClaimOfFewRounds(t *testing.T) {
	for _, w := range analyzetest.Worlds() {
		if slices.Contains([]string{"C09", "C31", "C35"}, w.ID) {
			continue // launches that fail in two rounds are no accident
		}
		for _, holds := range []bool{true, false} {
			info, samples := w.Samples([2]bool{holds, holds}, 2, 0.003, 1)
			for _, c := range analyze.New(info, samples, analyze.Settings{}).Claims {
				if c.ID == w.ID && c.Answer() != analyze.Open {
					t.Errorf("%s is %v after two rounds: %+v", w.ID, c.Answer(), c.Evidence)
				}
			}
		}
	}
}
