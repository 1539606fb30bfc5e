package launch

import (
	"testing"
	"time"
)

func TestSteady(t *testing.T) {
	for _, c := range []struct {
		name  string
		times []time.Duration
		want  bool
	}{
		{"alike", []time.Duration{100, 100, 100}, true},
		{"a little noise", []time.Duration{100, 103, 98, 101}, true},
		{"still warming up", []time.Duration{140, 120, 105, 100}, false},
		{"one far off", []time.Duration{100, 100, 130}, false},
	} {
		if got := steady(c.times); got != c.want {
			t.Errorf("%s: got %t", c.name, got)
		}
	}
}

func TestWarm(t *testing.T) {
	for _, c := range []struct {
		name  string
		times []time.Duration // in ms, the first one cold
		want  bool
	}{
		{"only the cold job", []time.Duration{50}, false},
		{"the cold job does not count", []time.Duration{50, 50}, false},
		{"steady at once", []time.Duration{80, 49, 50}, true},
		{"getting faster", []time.Duration{50, 45, 40, 30}, false},
		{"got faster", []time.Duration{50, 40, 30, 31, 30}, true},
		{"unsteady", []time.Duration{50, 30, 40, 30, 40}, false},
		{"unsteady for long", []time.Duration{50, 30, 40, 30, 40, 30, 40}, true},
		{"unsteady for long, and faster than before", []time.Duration{50, 40, 50, 40, 50, 20}, false},
		{"steady but short", []time.Duration{5, 5, 5, 5}, false},
		{"one long job after the cold one", []time.Duration{900, 500}, true},
		{"long jobs that get faster", []time.Duration{900, 150}, false},
	} {
		for i := range c.times {
			c.times[i] *= time.Millisecond
		}
		if warm(c.times, 100*time.Millisecond) != c.want {
			t.Error(c.name)
		}
	}
}

func TestWarmUpEnds(t *testing.T) {
	const minTime = 100 * time.Millisecond
	for name, next := range map[string]func(last time.Duration, n int) time.Duration{
		"always faster": func(last time.Duration, _ int) time.Duration { return last * 8 / 10 },
		"always slower": func(last time.Duration, _ int) time.Duration { return last * 12 / 10 },
		"unsteady":      func(_ time.Duration, n int) time.Duration { return time.Duration(1+n%2) * time.Millisecond },
	} {
		times := []time.Duration{20 * time.Millisecond}
		for !warm(times, minTime) {
			if sum(times[1:]) > warmMost*minTime {
				t.Fatalf("%s: the warm-up does not end", name)
			}
			times = append(times, max(1, next(times[len(times)-1], len(times))))
		}
	}
}
