package run

import (
	"errors"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

func TestOneFailureLosesOneSample(t *testing.T) {
	for _, at := range []int{0, 1} { // 0: the direct loop fails in its probe, which is repeated
		s := &sink{}
		r, p := runner(t, s, "pool", "babble")
		r.Workers = map[string][]string{"spin": []string{t.TempDir() + "/failed"}}
		p.Blocks[0].Cells[at].Strategy = "flaky"
		tally, err := r.Run(t.Context(), p)
		if at == 0 && (err != nil || tally.Void != 0 || len(s.samples) != 12) {
			t.Errorf("got tally %+v, error %v", tally, err)
		}
		var bad *LaunchError
		if at == 1 && (!errors.As(err, &bad) || bad.Dropped != 0 || tally.Void != 1 || len(s.samples) != 11) {
			t.Errorf("got tally %+v, error %v", tally, err)
		}
		if len(tally.Unmeasured) > 0 || len(tally.Notes) > 0 {
			t.Errorf("got tally %+v", tally)
		}
	}
}

func TestFailuresInARowDropACell(t *testing.T) {
	c := harness.Cell{Strategy: "pool"}
	r := &run{strikes: map[harness.Cell]strike{}, dead: map[harness.Cell]bool{}}
	r.fail(c, 0, errFull)
	if r.fail(c, 0, errFull); r.dead[c] {
		t.Error("dropped in its first round")
	}
	if r.fail(c, 1, errFull); !r.dead[c] || r.tally.Void != 3 {
		t.Errorf("%+v", r)
	}
	if said := r.failures[2].Error(); !strings.Contains(said, "dropped after 2 rounds because") {
		t.Error(said)
	}
}

func TestTurnEndsWithItsDirectLoop(t *testing.T) {
	s := &sink{}
	r, p := runner(t, s, "pool")
	p.Blocks[0].Cells[0].Strategy = "wrong"
	state := newRun(r, p)
	state.jobs[p.Blocks[0].Task] = harness.Job{Tasks: 64, Digest: digest}
	cells := p.Blocks[0].Cells
	if err := state.turn(t.Context(), slot{0, 0}, []harness.Launch{{Cell: cells[0]}, {Cell: cells[1]}}); err != nil || len(s.samples) != 0 {
		t.Errorf("%d samples, %v", len(s.samples), err)
	}
}

func TestErrorsBeginWithTheirCause(t *testing.T) {
	r, p := runner(t, &sink{}, "crash")
	_, err := r.Run(t.Context(), p)
	if cause, effect := strings.Index(err.Error(), "exit status 3"), strings.Index(err.Error(), "no cell is left"); cause < 0 || effect < cause {
		t.Error(err)
	}
}
