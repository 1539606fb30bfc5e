package procs

import (
	"testing"

	"pgregory.net/rapid"
)

// TestLife walks a life at random beside a model that says it in other words: whether
// there is a process, whether it answered, whether it was asked to end, whether it is
// given up, and whether it has tasks.
func TestLife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := gone
		var process, prepared, ending, lostIt, tasks bool
		may := func(e event) bool {
			switch e {
			case launched:
				return !process
			case answered:
				return process && !prepared && !lostIt
			case sent:
				return prepared && !ending && !lostIt && !tasks
			case drained:
				return tasks || ending || lostIt // what was recalled may leave nothing to drain
			case asked:
				return prepared && !ending && !lostIt
			case failed:
				return process
			default:
				return lostIt
			}
		}
		for range rapid.IntRange(1, 50).Draw(t, "events") {
			e := event(rapid.IntRange(0, int(events)-1).Draw(t, "event"))
			before := s
			refused := func() (refused bool) {
				defer func() { refused = recover() != nil }()
				s = s.on(e)
				return
			}()
			if refused == may(e) {
				t.Fatalf("%v while %v: refused %v", e, before, refused)
			}
			if refused {
				continue
			}
			switch e {
			case launched:
				process = true
			case answered:
				prepared = true
			case sent:
				tasks = true
			case drained:
				tasks = false
			case asked:
				ending = true
			case failed:
				lostIt = true
			case reaped:
				process, prepared, ending, lostIt, tasks = false, false, false, false, false
			}
			want := gone
			switch {
			case lostIt:
				want = lost
			case ending:
				want = retiring
			case tasks:
				want = busy
			case prepared:
				want = ready
			case process:
				want = starting
			}
			if s != want || s.able() != (prepared && !ending && !lostIt) {
				t.Fatalf("%v after %v: %v, want %v", before, e, s, want)
			}
		}
	})
}
