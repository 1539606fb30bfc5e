package strategies

import (
	"testing"
	"time"
)

// While the consumer dozes, a worker with fast tasks rarely reads the clock. It still notices in
// time that the doze ends.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		task  time.Duration
		looks int           // largest number of readings
		late  time.Duration // largest delay after the end of the doze
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
				t.Errorf("tasks of %v: estimated as %v", c.task, took)
			}
			if rest < paceLeast {
				break
			}
			if p.next-n > paceMost {
				t.Errorf("tasks of %v: %d tasks between two readings", c.task, p.next-n)
			}
		}
		if looks > c.looks || now > dozeTime+c.late {
			t.Errorf("tasks of %v: the doze ends at %v after %d readings, want at most %v and %d", c.task, now, looks, dozeTime+c.late, c.looks)
		}
	}
}
