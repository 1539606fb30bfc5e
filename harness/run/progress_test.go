package run

import (
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

func TestPace(t *testing.T) {
	p := newPace()
	if d := p.cost(0, 3, time.Second); d != 3*time.Second {
		t.Errorf("a guess: %v", d)
	}
	p.add(1, 2, 4*time.Second)
	if d := p.cost(0, 3, time.Second); d != 6*time.Second {
		t.Errorf("from another block: %v", d)
	}
	p.add(0, 3, time.Second)
	p.add(0, 3, 2*time.Second)
	if d := p.cost(0, 3, time.Second); d != 1500*time.Millisecond {
		t.Errorf("from its own turns: %v", d)
	}
	for _, c := range []struct {
		elapsed, cost, budget int
		want                  bool
	}{{9, 2, 10, true}, {9, 4, 10, false}, {0, 25, 10, false}, {1000, 1, 0, true}} {
		if fits(time.Duration(c.elapsed), time.Duration(c.cost), time.Duration(c.budget)) != c.want {
			t.Errorf("%+v", c)
		}
	}
}

// TestProgressCountsRepeatedTurns checks that the estimates for the rest of a run include turns that
// will be repeated.
func TestProgressCountsRepeatedTurns(t *testing.T) {
	cells := []harness.Cell{{Strategy: harness.Direct}, {Strategy: "pool"}, {Strategy: "steal"}}
	r := newRun(&Runner{}, harness.Plan{Rounds: 10, Blocks: []harness.Block{{Cells: cells}}})
	for range 10 { // 5 rounds of 4 launches, twins included, of which one turn was repeated
		r.pace.add(0, 4, 4*time.Second)
	}
	r.past.first, r.past.extra, r.done = 20, 4, 24
	p := r.progress(5, cells[1])
	if p.Total != 24+20+4 || p.Left < 24*time.Second {
		t.Errorf("got progress %+v", p)
	}
	r.past.extra, r.done = 0, 20
	if p := r.progress(5, cells[1]); p.Total != 40 {
		t.Errorf("without repeated turns: %+v", p)
	}
	at := slot{4, 0}
	r.past.again = []slot{at}
	for _, c := range append(cells, cells[1]) {
		r.past.blocks[0] = append(r.past.blocks[0], harness.Sample{Cell: c, Round: 4})
	}
	if p := r.progress(5, cells[1]); p.Total != 48 { // the scheduled turn, and one more
		t.Errorf("with a scheduled turn: %+v", p)
	}
	r.past.first, r.past.extra = 20, 20
	if p := r.progress(5, cells[1]); p.Total != 40 {
		t.Errorf("at most a fifth: %+v", p)
	}
}

// TestCostOfOpenLoops checks that the first estimate of a turn counts the time of open loops, which
// is longer than the minimum time if tasks arrive rarely.
func TestCostOfOpenLoops(t *testing.T) {
	cells := []harness.Cell{{Strategy: harness.Direct}, {Strategy: "pool", Rate: 10}}
	r := newRun(&Runner{}, harness.Plan{Rounds: 10, Blocks: []harness.Block{{Cells: cells, MinTime: 100 * time.Millisecond}}})
	if cost := r.cost(0, 2); cost < 5*time.Second || cost > 6*time.Second {
		t.Errorf("got cost %v", cost)
	}
}
