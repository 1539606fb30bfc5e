package harness

import (
	"slices"
	"strings"
	"testing"
	"time"
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
	if _, err := r.Run(t.Context(), p); err == nil || !strings.Contains(err.Error(), "more than the budget of 1ns") {
		t.Error(err)
	}
	r.Budget = time.Second
	p.Blocks[0].MinTime = time.Hour
	if _, err := r.Run(t.Context(), p); err == nil || !strings.Contains(err.Error(), "the budget of 1s cannot hold a single round, which takes 2h0m0s at least: for 6 rounds no block fits so often; name a budget of 1") {
		t.Error(err)
	}
	p.Rounds, r.Budget = 0, 0
	if _, err := r.Run(t.Context(), p); err == nil {
		t.Error("a run without an end began")
	}
}

func TestBudgetBindsLaunches(t *testing.T) {
	for at, want := range []string{"ends before the sizes of all jobs are known", ""} {
		r, p := runner(t, &sink{}, "pool")
		p.Blocks[0].Cells[at].Strategy, r.Budget = "slow", 300*time.Millisecond
		tally, err := r.Run(t.Context(), p)
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Error(err)
		}
		if !slices.Contains(tally.Unmeasured, p.Blocks[0].Cells[at]) || len(tally.Notes) == 0 || tally.Void != 0 {
			t.Errorf("%+v, %v", tally, err)
		}
	}
	r, p := runner(t, &sink{}, "pool")
	r.Budget = 5 * time.Second
	for grain, want := range map[int]string{
		10e9: "one task of workload=spin/grain=10000000000/payload=0 takes about 10s, more than the budget of 5s",
		2e9:  "takes about 2s and a launch runs at least 5, which is more than the budget of 5s",
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
	r := &run{Runner: &Runner{Budget: time.Minute}, plan: p, past: newLedger(), samples: map[Cell]int{p.Blocks[0].Cells[0]: 1}}
	r.cutShort(1)
	r.sumUp()
	if n := r.tally.Notes; len(r.tally.Unmeasured) != 11 || len(n) != 2 || n[0] != "the budget of 1m0s ended the run in round 2 of 6, after 0 launches" ||
		!strings.HasPrefix(n[1], "11 of 12 cells have no sample: workload=spin/") || !strings.HasSuffix(n[1], "; and 5 more") {
		t.Errorf("%q", n)
	}
}
