//go:build unix

package lane

import (
	"fmt"
	"testing"
)

// A facts is a model: it says what is true of a worker, where a life says where it is.
type facts struct{ process, prepared, ending, lost, tasks bool }

// may reports whether e can happen.
func (f facts) may(e event) bool {
	able := f.prepared && !f.ending && !f.lost
	return [events]bool{
		launched: !f.process,
		answered: f.process && !f.prepared && !f.lost,
		sent:     able && !f.tasks,
		drained:  f.tasks || f.ending || f.lost, // what was recalled may leave nothing to drain
		asked:    able,
		failed:   f.process,
		reaped:   f.lost,
	}[e]
}

// after returns what is true after e.
func (f facts) after(e event) facts {
	switch e {
	case launched:
		f.process = true
	case answered:
		f.prepared = true
	case sent:
		f.tasks = true
	case drained:
		f.tasks = false
	case asked:
		f.ending = true
	case failed:
		f.lost = true
	case reaped:
		f = facts{}
	}
	return f
}

// life returns where a worker is of which that is true.
func (f facts) life() life {
	switch {
	case f.lost:
		return lost
	case f.ending:
		return retiring
	case f.tasks:
		return busy
	case f.prepared:
		return ready
	case f.process:
		return starting
	}
	return gone
}

// TestLife walks the life and the model side by side through everything that can happen,
// in every order: there are few enough of both to do without chance.
func TestLife(t *testing.T) {
	type place struct {
		life  life
		facts facts
	}
	seen := map[place]bool{}
	var walk func(place, string)
	walk = func(at place, path string) {
		if seen[at] {
			return
		}
		seen[at] = true
		if at.life != at.facts.life() || at.life.able() != (at.life == ready || at.life == busy) {
			t.Fatalf("%v after%s, where it is %v of %+v", at.life, path, at.facts.life(), at.facts)
		}
		for e := range events {
			next, possible := try(at.life, e)
			if may := at.facts.may(e); may != possible {
				t.Fatalf("%v while %v after%s: possible %v, want %v", e, at.life, path, possible, may)
			}
			if possible {
				walk(place{next, at.facts.after(e)}, fmt.Sprint(path, " ", e))
			}
		}
	}
	walk(place{}, "")
	if len(seen) < int(lives) {
		t.Errorf("%d places", len(seen))
	}
}

func try(s life, e event) (next life, possible bool) {
	defer func() { possible = recover() == nil }()
	return s.on(e), true
}
