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
		turn   time.Duration // time of a turn of each block
		extra  int           // launches of repeated turns, per 12 others
		want   []int         // blocks set aside
	}{
		"all fit":            {time.Minute, 0, time.Second, 0, nil},
		"three fit":          {time.Minute, 6, 3 * time.Second, 0, []int{3}},
		"repeated turns":     {time.Minute, 6, 3 * time.Second, 2, []int{2, 3}},
		"twins":              {56 * time.Second, 6, 3 * time.Second, 0, []int{2, 3}},
		"one stays":          {time.Minute, 0, time.Minute, 0, []int{1, 2, 3}},
		"no budget":          {0, 6, time.Hour, 0, nil},
		"too few rounds":     {time.Minute, 5, time.Hour, 0, nil},
		"more rounds so far": {time.Minute, 60, 3 * time.Second, 0, []int{3}},
	} {
		p := plan(1, 3, 3, 3, 3)
		p.Rounds = c.rounds
		r := newRun(&Runner{Budget: c.budget}, p)
		for b := range p.Blocks {
			r.pace.add(b, 3, c.turn)
		}
		r.past.first, r.past.extra = 12, c.extra
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
	if len(said) != 1 || !strings.HasPrefix(said[0], "the budget of 1m0s is enough for only 2 of 3 questions, since a verdict needs 6 rounds;") {
		t.Errorf("got messages %q", said)
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

// TestNeedsOfAsides sets questions aside. It checks that the note about them counts only the time
// that they need, and that the budget for the next run also counts the other questions.
func TestNeedsOfAsides(t *testing.T) {
	p := plan(1, 3, 3, 3, 3)
	r := newRun(&Runner{Budget: time.Minute}, p)
	for b := range p.Blocks {
		r.pace.add(b, 3, time.Second)
	}
	for round := range harness.FewestRounds { // block 0 is complete, and one round of block 2 is missing
		r.past.whole[slot{round, 0}], r.past.whole[slot{round, 2}] = true, round > 0
	}
	r.setAside(1, true)
	r.setAside(3, true)
	r.sumUp()
	if r.tally.Aside != 2 || r.tally.Rest != 13*time.Second {
		t.Errorf("got tally %+v", r.tally)
	}
	if note := r.tally.Notes[len(r.tally.Notes)-1]; !strings.Contains(note, "2 of 4 questions left out") || !strings.HasSuffix(note, "need about 12s more") {
		t.Errorf("got note %q", note)
	}
}

// TestDepthBeforeBreadth runs a plan that is expected to take longer than the budget. The first
// questions must get all of their rounds before the others get their first.
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
		t.Fatalf("got tally %+v, error %v", tally, err)
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

// TestAdmitAfterAnswers admits a question after another question was answered in a later round. The
// judge needs nine rounds of the first question and six of the others. The run must measure these
// rounds and return no error.
func TestAdmitAfterAnswers(t *testing.T) {
	s := &sink{}
	r, _ := runner(t, s)
	p := plan(1, 2, 2, 2)
	for i := range p.Blocks {
		p.Blocks[i].Cores, p.Blocks[i].MinTime = 1, time.Second
		for j := range p.Blocks[i].Cells {
			p.Blocks[i].Cells[j].Cores = 1
		}
	}
	rounds := func(samples []harness.Sample) int {
		seen := map[int]bool{}
		for _, x := range samples {
			seen[x.Round] = true
		}
		return len(seen)
	}
	need := []int{9, 6, 6}
	r.Judge = func(samples []harness.Sample) harness.Standing {
		return harness.Standing{Answered: len(samples) > 0 && rounds(samples) >= need[samples[0].Block]}
	}
	p.Rounds, r.Budget = 60, 20*time.Second // room for one block of 12 s
	tally, err := r.Run(t.Context(), p)
	if err != nil || tally.Aside != 0 || tally.Answered != 3 {
		t.Fatalf("got tally %+v, error %v", tally, err)
	}
	for b := range p.Blocks {
		of := slices.DeleteFunc(slices.Clone(s.samples), func(x harness.Sample) bool { return x.Block != b })
		if got := rounds(of); got != need[b] {
			t.Errorf("block %d has %d rounds, want %d", b, got, need[b])
		}
	}
}

// TestCutTurnComesFirst resumes a run that was interrupted in a turn of its last question. The
// budget is enough only for the first question. Nevertheless the run must first measure the cut
// turn again.
func TestCutTurnComesFirst(t *testing.T) {
	s := &sink{}
	r, _ := runner(t, s)
	p := plan(1, 2, 2)
	for i := range p.Blocks {
		p.Blocks[i].Cores, p.Blocks[i].MinTime = 1, time.Second
		for j := range p.Blocks[i].Cells {
			p.Blocks[i].Cells[j].Cores = 1
		}
	}
	p.Rounds = 6
	for p.Round(0)[1].Block != 1 { // the last question of the plan is set aside first
		p.Seed++
	}
	first, last := p.Round(0)[0], p.Round(0)[1]
	at := func(b int, c harness.Cell) harness.Sample {
		return harness.Sample{Cell: c, Block: b, Values: map[string]float64{harness.UnitOp: 1, harness.UnitTask: 1}}
	}
	for _, l := range first.Launches {
		r.Samples = append(r.Samples, at(first.Block, l.Cell))
		r.Samples[len(r.Samples)-1].Twin = l.Twin
	}
	r.Samples = append(r.Samples, at(last.Block, last.Launches[0].Cell))
	for _, b := range p.Blocks {
		r.Jobs = append(r.Jobs, harness.Job{Task: b.Task, Tasks: 64, Work: 1, Digest: digest})
	}
	r.Budget = 15 * time.Second
	if _, err := r.Run(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if x := s.samples[0]; x.Block != last.Block || x.Round != 0 || x.Attempt != 1 {
		t.Errorf("the first new sample is of block %d, round %d, attempt %d; want block %d, round 0, attempt 1", x.Block, x.Round, x.Attempt, last.Block)
	}
}
