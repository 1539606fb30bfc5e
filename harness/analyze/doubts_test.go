package analyze_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// TestRoundsThatAreComplete checks that a round that was cut short does not count as complete.
func TestRoundsThatAreComplete(t *testing.T) {
	all := quick.Samples()
	perRound := len(all) / 6
	for _, c := range []struct{ launches, rounds, complete int }{
		{6 * perRound, 6, 6}, {6*perRound - 1, 6, 5}, {5*perRound + 1, 6, 5}, {5 * perRound, 5, 5}, {perRound, 1, 1}, {0, 0, 0},
	} {
		a := analyze.New(harness.Info{Rounds: 6}, all[:c.launches], analyze.Settings{})
		if a.Rounds != c.rounds || a.Complete != c.complete {
			t.Errorf("%d launches: %d rounds, %d of them complete, want %d and %d", c.launches, a.Rounds, a.Complete, c.rounds, c.complete)
		}
		if want := fmt.Sprintf("the run has %d of the 6 rounds", c.complete); c.complete < 6 && c.launches > 0 && !slices.ContainsFunc(a.Notes, func(n analyze.Note) bool { return strings.HasPrefix(string(n), want) }) {
			t.Errorf("%d launches: no note says %q: %q", c.launches, want, a.Notes)
		}
	}
}

// TestImpossibleEfficiency checks that a question with an efficiency above 100 % has no winner.
func TestImpossibleEfficiency(t *testing.T) {
	samples := quick.Samples()
	for _, s := range samples {
		if s.Cell.Strategy == "pool" && s.Cell.Chunk == "16" && s.Cell.Grain == 10_000 && s.Cell.Cores == 2 {
			s.Values[harness.UnitTask] *= 0.9
		}
	}
	a := analyze.New(harness.Info{}, samples, analyze.Settings{})
	for _, q := range a.Questions() {
		impossible := q.Task.Grain == 10_000 && q.Cores == 2
		if w := q.Winner; (w.Why != "") != impossible || impossible && w.Kind != analyze.Undecided {
			t.Errorf("%v on %d cores: %v, %q", q.Task, q.Cores, w.Kind, w.Why)
		}
	}
}

func TestControlsWithinAndBetweenTurns(t *testing.T) {
	for _, c := range []struct {
		name string
		slow func(i int, s harness.Sample) bool
		want string
	}{
		{"steady", func(int, harness.Sample) bool { return false }, ""},
		{"between", func(_ int, s harness.Sample) bool { return s.Round > 2 }, "pairing removes it from ratios"},
		{"within", func(i int, _ harness.Sample) bool { return i%2 == 0 }, "Pairing removes only the variation between blocks and rounds"},
	} {
		samples := quick.Samples()
		for i, s := range samples {
			s.Values[harness.UnitControl] = 1000
			if c.slow(i, s) {
				s.Values[harness.UnitControl] = 200_000
			}
		}
		k := analyze.New(harness.Info{}, samples, analyze.Settings{}).Controls[0]
		if got := fmt.Sprint(k.Notes); !strings.Contains(got, c.want) || (c.want == "") != (len(k.Notes) == 0) || strings.Contains(got, "e+") {
			t.Errorf("%s: %s, want %q", c.name, got, c.want)
		}
	}
}

// TestTwoThatShouldAgree checks two cells that should take the same time but differ. Neither is
// listed as the wrong one. It also checks that the distance of A/A pairs is a ratio minus 1.
func TestTwoThatShouldAgree(t *testing.T) {
	m := quick
	m.Cores, m.Chunks = []int{2}, []int{1}
	samples := m.Samples()
	for _, s := range samples {
		if s.Cell.Strategy == "procs" {
			s.Values[harness.UnitTask] *= 1.2
		}
		if s.Twin {
			s.Values[harness.UnitTask] *= 2.5
		}
	}
	a := analyze.New(harness.Info{}, samples, analyze.Settings{})
	i := slices.IndexFunc(a.Agreement, func(g analyze.Agreement) bool { return g.Workers == 2 })
	if g := a.Agreement[i]; g.Cells != 2 || len(g.Differ) > 0 || !g.Apart {
		t.Errorf("%+v", g)
	}
	if tw := a.Twins; math.Abs(tw.Typical-1.5) > 0.05 || !tw.Noisy {
		t.Errorf("twins that differ by 2.5 are %v apart, noisy %v", tw.Typical, tw.Noisy)
	}
}

// TestAttemptsAreTurns checks that each attempt at a block is a separate turn: a launch is paired
// only with launches of the same attempt.
func TestAttemptsAreTurns(t *testing.T) {
	m := quick
	m.Cores, m.Grains, m.Noise = []int{2}, []int{1000}, 1e-6
	var samples []harness.Sample
	for _, s := range m.Samples() {
		if s.Round == 2 && !s.Twin {
			again := s
			again.Attempt = 1 // the machine was half as fast at the first attempt
			again.Values = map[string]float64{harness.UnitTask: s.Values[harness.UnitTask] / 2}
			samples = append(samples, again)
			if s.Cell.Strategy == "pool" { // its launch failed at the first attempt
				continue
			}
		}
		samples = append(samples, s)
	}
	q := analyze.New(harness.Info{}, samples, analyze.Settings{}).Questions()[0]
	for _, r := range q.Rows[1:] {
		want := 7
		if r.Cell.Strategy == "pool" {
			want = 6
		}
		if r.Speedup.N != want || r.Speedup.Half() > 0.001 {
			t.Errorf("%s: speed-up %v of %d turns, want %d alike", analyze.Label(r.Cell), r.Speedup, r.Speedup.N, want)
		}
	}
}

// TestOneNoteOnTheExtent checks that a run of any length has at most one note on its rounds and its
// answered questions, so that no two such notes can disagree.
func TestOneNoteOnTheExtent(t *testing.T) {
	m := quick
	m.Cores, m.Grains = []int{2}, m.Grains[:1]
	all := m.Samples()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, len(all)).Draw(t, "launches")
		info := harness.Info{Rounds: rapid.IntRange(0, 8).Draw(t, "rounds planned"), Precision: rapid.SampledFrom([]float64{0, 0.05, 0.5}).Draw(t, "precision")}
		a := analyze.New(info, all[:n], analyze.Settings{})
		var found []analyze.Note
		for _, note := range a.Notes {
			if strings.Contains(string(note), "the run has") || strings.Contains(string(note), "answered") || strings.Contains(string(note), "nothing to compare") {
				found = append(found, note)
			}
		}
		if len(found) > 1 {
			t.Fatalf("%d launches: %q", n, found)
		}
		if answered := len(found) == 1 && strings.Contains(string(found[0]), "answered"); answered && (a.Rounds < harness.FewestRounds || len(a.Open) > 0) {
			t.Fatalf("%d launches in %d rounds, %d open: %s", n, a.Rounds, len(a.Open), found[0])
		}
	})
}

// TestFewRounds checks that comparisons of fewer than six rounds have no verdict, and that from two
// rounds on some of them have a likely verdict.
func TestFewRounds(t *testing.T) {
	m := quick
	m.Cores, m.Grains = []int{2}, m.Grains[3:4]
	for rounds := 1; rounds <= 7; rounds++ {
		m.Rounds = rounds
		a := analyze.New(harness.Info{}, m.Samples(), analyze.Settings{})
		leaning := 0
		for _, q := range a.Questions() {
			w := q.Winner
			if few := analyze.Few(rounds); few != (analyze.Tentative(rounds) != "") || few && (w.Kind != analyze.Undecided || w.Rounds != rounds) {
				t.Errorf("%d rounds: %+v", rounds, w)
			}
			for _, r := range q.Rows {
				c := r.VsDirect
				if c.Leans != analyze.Unresolved {
					leaning++
				}
				if analyze.Few(rounds) && c.Verdict != analyze.Unresolved || !analyze.Few(rounds) && c.Leans != analyze.Unresolved {
					t.Errorf("%d rounds: %s: %+v", rounds, r.Cell, c)
				}
			}
		}
		if want := rounds > 1 && analyze.Few(rounds); want != (leaning > 0) {
			t.Errorf("%d rounds: %d comparisons lean to a verdict", rounds, leaning)
		}
	}
}
