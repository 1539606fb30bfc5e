package run

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

func TestBudget(t *testing.T) {
	s := &sink{}
	r, p := runner(t, s, "pool")
	// A busy machine may need longer for a round.
	for p.Rounds, r.Budget = 0, 300*time.Millisecond; ; r.Budget *= 4 {
		tally, err := r.Run(t.Context(), p)
		if tally.Rounds > 0 && err == nil {
			break
		}
		if r.Budget > 10*time.Second {
			t.Fatalf("budget %v: %+v, %v", r.Budget, tally, err)
		}
	}
	p.Rounds, r.Budget = 1, time.Hour
	if tally, err := r.Run(t.Context(), p); err != nil || tally.Rounds != 1 {
		t.Errorf("rounds within a budget: %+v, %v", tally, err)
	}
	r.Budget = 1
	if _, err := r.Run(t.Context(), p); err == nil || !strings.Contains(err.Error(), "longer than the budget of 1ns") {
		t.Error(err)
	}
	r.Budget = time.Second
	p.Blocks[0].MinTime = time.Hour
	if _, err := r.Run(t.Context(), p); err == nil || !strings.Contains(err.Error(), "the budget of 1s is too small for a single round, which takes at least 2h0m0s; for 6 rounds, not even the first block fits the budget; choose a budget of at least 1") {
		t.Error(err)
	}
	p.Rounds, r.Budget = 0, 0
	if _, err := r.Run(t.Context(), p); err == nil {
		t.Error("no error for a run without an end")
	}
}

func TestBudgetBindsLaunches(t *testing.T) {
	for at, want := range []string{"is too small to size all jobs", ""} {
		r, p := runner(t, &sink{}, "pool")
		p.Blocks[0].Cells[at].Strategy, r.Budget = "slow", 300*time.Millisecond
		tally, err := r.Run(t.Context(), p)
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Error(err)
		}
		if !slices.Contains(tally.Unmeasured, p.Blocks[0].Cells[at]) || len(tally.Notes) == 0 || tally.Void != 0 {
			t.Errorf("got tally %+v, error %v", tally, err)
		}
	}
	r, p := runner(t, &sink{}, "pool")
	r.Budget = 5 * time.Second
	for grain, want := range map[int]string{
		10e9: "one task of workload=spin/grain=10000000000/payload=0 takes about 10s, more than the budget of 5s",
		2e9:  "takes about 2s; a launch runs at least 5 tasks, so it takes longer than the budget of 5s",
	} {
		p.Blocks[0].Task.Grain = grain
		if _, err := r.Run(t.Context(), p); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
	}
}

func TestNotesOfARunCutShort(t *testing.T) {
	p := plan(1, 6, 6)
	p.Rounds = 6
	r := &run{Runner: &Runner{Budget: time.Minute}, plan: p, past: newLedger()}
	r.past.take(slot{}, []harness.Sample{{Cell: p.Blocks[0].Cells[0]}})
	r.cutShort(1)
	r.sumUp()
	if n := r.tally.Notes; len(r.tally.Unmeasured) != 11 || len(n) != 2 || n[0] != "the budget of 1m0s ended the run in round 2 of 6, after 0 launches" ||
		!strings.HasPrefix(n[1], "11 of 12 cells have no sample: workload=spin/") || !strings.HasSuffix(n[1], "; and 5 more") {
		t.Errorf("%q", n)
	}
}

// TestOpenQuestions checks the count of open questions, and the estimate of the rounds and the time
// that may answer them.
func TestOpenQuestions(t *testing.T) {
	standing := func(rounds ...int) func([]harness.Sample) harness.Standing {
		return func(s []harness.Sample) harness.Standing {
			n := rounds[s[0].Block]
			return harness.Standing{Answered: n == 1, Rounds: n, Open: "± 3 %"}
		}
	}
	p := plan(1, 3, 3, 3)
	p.Rounds = 6
	for _, c := range []struct {
		rounds   []int // rounds that each question needs; 1 for an answered question, 0 if unknown
		answered int
		wanted   int
		more     time.Duration
	}{
		{[]int{1, 1, 1}, 3, 0, 0},
		{[]int{1, 9, 20}, 1, 19, 22500 * time.Millisecond},
		{[]int{0, 9, 1}, 1, 8, 3 * time.Second},
		{[]int{0, 0, 0}, 0, 0, 0},
	} {
		r := newRun(&Runner{Judge: standing(c.rounds...)}, p)
		r.tally.Launches = 1
		for round := range 6 {
			for b := range p.Blocks {
				for attempt := range 1 + min(1, round/5) { // one turn was measured again
					r.past.take(slot{round, b}, []harness.Sample{{Round: round, Block: b, Attempt: attempt}})
					r.pace.add(b, 3, time.Second)
				}
			}
		}
		r.past.first, r.past.extra = 6, 3
		r.sumUp()
		if got := r.tally; got.Asked != 3 || got.Answered != c.answered || got.Wanted != c.wanted || got.More != c.more {
			t.Errorf("%v: got %+v", c.rounds, got)
		}
	}
}
