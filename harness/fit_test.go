package harness

import (
	"slices"
	"testing"
	"time"
)

// TestFit checks the number of tasks and the numbers of workers that a Fit chooses for a program.
func TestFit(t *testing.T) {
	all := []int{1, 2, 4, 8}
	for _, c := range []struct {
		name    string
		work    time.Duration
		inputs  int
		left    time.Duration
		n       int
		workers []int
	}{
		{"no limit", 500 * time.Millisecond, 50, 0, 8, all},
		{"no limit, equal shares", 40 * time.Millisecond, 50, 0, 16, all},
		{"no limit, short tasks", time.Millisecond, 1000, 0, 64, all},
		{"more time, more inputs", 500 * time.Millisecond, 50, 10 * time.Minute, 16, all},
		{"all inputs", 500 * time.Millisecond, 50, time.Hour, 50, all},
		{"no more than the inputs", 500 * time.Millisecond, 3, time.Hour, 8, all},
		{"too little for all workers", 500 * time.Millisecond, 50, 45 * time.Second, 4, []int{2, 4}},
		{"too little for anything", 65 * time.Second, 50, time.Minute, 2, []int{2}},
		{"tasks too short for one job per launch", 100 * time.Millisecond, 50, time.Second, 4, []int{2}},
		{"long tasks", 65 * time.Second, 50, 40 * time.Minute, 2, []int{2}},
		{"a thousand at most", time.Millisecond, 1e6, time.Hour, 1000, all},
	} {
		f := Fit{Workers: []int{8, 1, 2, 4}, Cores: 2, Inputs: c.inputs, MinTime: 100 * time.Millisecond, Left: c.left}
		n, workers := f.Job(c.work)
		if n != c.n || !slices.Equal(workers, c.workers) {
			t.Errorf("%s: %d tasks with %v workers, want %d with %v", c.name, n, workers, c.n, c.workers)
		}
		if c.left > 0 && len(workers) > 1 && f.time(c.work, workers, n) > c.left {
			t.Errorf("%s: the rounds take %v", c.name, f.time(c.work, workers, n))
		}
	}
	if n, workers := (Fit{Workers: []int{1}, Cores: 1, Left: time.Second}).Job(time.Minute); n != 1 || len(workers) != 1 {
		t.Errorf("one worker: %d tasks, %v", n, workers)
	}
}
