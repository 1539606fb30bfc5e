package run

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// TestNarrow sets aside questions whose rounds do not fit the budget, and takes them up when time is
// left.
func TestNarrow(t *testing.T) {
	for name, c := range map[string]struct {
		budget time.Duration
		rounds int
		turn   time.Duration // of each block
		want   []int         // blocks set aside
	}{
		"all fit":            {time.Minute, 0, time.Second, nil},
		"three fit":          {time.Minute, 6, 3 * time.Second, []int{3}},
		"one stays":          {time.Minute, 0, time.Minute, []int{1, 2, 3}},
		"no budget":          {0, 6, time.Hour, nil},
		"too few rounds":     {time.Minute, 5, time.Hour, nil},
		"more rounds so far": {time.Minute, 60, 3 * time.Second, []int{3}},
	} {
		p := plan(1, 3, 3, 3, 3)
		p.Rounds = c.rounds
		r := newRun(&Runner{Budget: c.budget}, p)
		for b := range p.Blocks {
			r.pace.add(b, 3, c.turn)
		}
		r.narrow()
		if got := slices.Sorted(maps.Keys(r.later)); !slices.Equal(got, c.want) {
			t.Errorf("%s: blocks %v are set aside, want %v", name, got, c.want)
		}
	}

	p := plan(1, 3, 3, 3)
	var said []string
	r := newRun(&Runner{Budget: time.Minute, Say: func(text string) { said = append(said, text) }}, p)
	for _, b := range p.Blocks {
		r.jobs[b.Task] = harness.Job{Task: b.Task}
	}
	for b := range p.Blocks {
		r.pace.add(b, 3, 4*time.Second)
	}
	r.narrow()
	if len(said) != 1 || !strings.HasPrefix(said[0], "the budget of 1m0s is enough for the 6 rounds that a verdict needs for only the first 2 of 3 questions;") {
		t.Errorf("%q", said)
	}
	for round := range harness.FewestRounds {
		r.past.whole[slot{round, 0}], r.past.whole[slot{round, 1}] = true, true
	}
	r.past.round = harness.FewestRounds - 1
	if from := r.firstRound(); from != r.past.round {
		t.Errorf("the next round is %d", from)
	}
	if more, err := r.admit(t.Context()); !more || err != nil || r.later[2] || r.firstRound() != 0 {
		t.Errorf("admitted %t, %v, blocks set aside %v, next round %d", more, err, r.later, r.firstRound())
	}
	if more, err := r.admit(t.Context()); more || err != nil {
		t.Errorf("admitted %t, %v", more, err)
	}
}

// TestDepthBeforeBreadth runs a plan whose launches seem to exceed the budget. The first questions get
// all of their rounds before the others get their first.
func TestDepthBeforeBreadth(t *testing.T) {
	s := &sink{}
	r, p := runner(t, s)
	p = plan(1, 2, 2, 2, 2)
	for i := range p.Blocks {
		p.Blocks[i].Cores, p.Blocks[i].MinTime = 1, 2*time.Second
		for j := range p.Blocks[i].Cells {
			p.Blocks[i].Cells[j].Cores = 1
		}
	}
	p.Rounds, r.Budget = 6, time.Minute // room for two blocks of 24 s
	tally, err := r.Run(t.Context(), p)
	if err != nil || tally.Aside != 0 || len(tally.Unmeasured) != 0 {
		t.Fatalf("%+v, %v", tally, err)
	}
	first := map[int]int{} // index of the first sample of each block
	last := map[int]int{}
	for i, x := range s.samples {
		if _, met := first[x.Block]; !met {
			first[x.Block] = i
		}
		last[x.Block] = i
	}
	if first[2] < max(last[0], last[1]) || first[3] < max(last[0], last[1]) {
		t.Errorf("first samples at %v, last at %v", first, last)
	}
	if len(s.jobs) != 4 {
		t.Errorf("%d jobs are kept", len(s.jobs))
	}
}
