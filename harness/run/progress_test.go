package run

import (
	"testing"
	"time"
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
