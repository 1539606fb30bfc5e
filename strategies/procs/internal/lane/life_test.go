//go:build unix

package lane

import (
	"fmt"
	"testing"
)

// A facts is a model of a worker, from which the test derives the life (state) that the worker must
// have.
type facts struct{ process, prepared, ending, lost, tasks bool }

// An event changes the facts about a worker.
type event int

const (
	launched event = iota // a process is being started
	answered              // it is prepared
	sent                  // it was sent a task while it had none
	drained               // it has no more tasks without an outcome
	asked                 // its input has ended
	failed                // it has ended by itself, has sent invalid data, or was killed
	reaped                // the process is gone

	events
)

func (e event) String() string {
	return [events]string{"launched", "answered", "sent", "drained", "asked", "failed", "reaped"}[e]
}

// may reports whether the event e can happen to a worker with these facts.
func (f facts) may(e event) bool {
	able := f.prepared && !f.ending && !f.lost
	return [events]bool{
		launched: !f.process,
		answered: f.process && !f.prepared && !f.lost,
		sent:     able && !f.tasks,
		drained:  f.tasks || f.ending || f.lost, // a recall may leave nothing to drain
		asked:    able,
		failed:   f.process,
		reaped:   f.lost,
	}[e]
}

// after returns the facts about the worker after the event e.
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

// life returns the life (state) of a worker with these facts.
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

// TestLife applies all events in every order to a model of a worker, and compares its life (state)
// with the states in this package. A state may follow another if and only if some event of the
// model leads from one to the other.
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
			t.Fatalf("%v after%s, but the model is %v: %+v", at.life, path, at.facts.life(), at.facts)
		}
		var want [lives]bool
		for e := range events {
			if !at.facts.may(e) {
				continue
			}
			next := place{at.life, at.facts.after(e)}
			if to := next.facts.life(); to != at.life {
				want[to] = true
				if next.life, _ = try(at.life, to); next.life != to {
					t.Fatalf("%v while %v after%s: cannot become %v", e, at.life, path, to)
				}
			}
			walk(next, fmt.Sprint(path, " ", e))
		}
		for to := range lives {
			if _, possible := try(at.life, to); possible != want[to] {
				t.Fatalf("%v after%s: may become %v is %v, want %v", at.life, path, to, possible, want[to])
			}
		}
	}
	walk(place{}, "")
	if len(seen) < int(lives) {
		t.Errorf("%d places", len(seen))
	}
}

func try(s, to life) (next life, possible bool) {
	defer func() { possible = recover() == nil }()
	return s.to(to), true
}
