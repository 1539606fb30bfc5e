package strategies

import (
	"testing"
	"time"
)

// The looks at the clock in a doze, by what a task takes.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		task  time.Duration
		looks int           // at most
		late  time.Duration // after the end of the doze, at most
	}{
		{100 * time.Nanosecond, 14, 0},
		{time.Microsecond, 7, 0},
		{10 * time.Microsecond, 6, 10 * time.Microsecond},
		{time.Millisecond, 2, 2 * time.Millisecond},
	} {
		var p pace
		now, looks := time.Duration(0), 0
		for n := 0; ; n++ {
			now += c.task
			if !p.due(n) {
				continue
			}
			looks++
			rest := dozeTime - now
			if took := p.look(now, n, rest); looks > 1 && took != c.task {
				t.Errorf("tasks of %v: it takes them for tasks of %v", c.task, took)
			}
			if rest < paceLeast {
				break
			}
			if p.next-n > paceMost {
				t.Errorf("tasks of %v: it looks away for %d tasks", c.task, p.next-n)
			}
		}
		if looks > c.looks || now > dozeTime+c.late {
			t.Errorf("tasks of %v: it ends the doze at %v after %d looks, want %v and %d at most", c.task, now, looks, dozeTime+c.late, c.looks)
		}
	}
}
