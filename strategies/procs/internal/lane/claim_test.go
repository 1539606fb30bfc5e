//go:build unix

package lane

import (
	"testing"

	"github.com/payoff-bench/payoff/strategies/work"
)

func TestShare(t *testing.T) {
	for _, test := range []struct {
		what              string
		chunk             int
		mean, want, least int64
		unclaimed         int
		share             int
	}{
		{"unknown duration, many tasks", 1, 0, 5e6, 0, 100_000, 64},
		{"unknown duration, some tasks", 1, 0, 5e6, 0, 1000, 7},
		{"unknown duration, few tasks", 1, 0, 5e6, 0, 100, 1},
		{"unknown duration, large chunks", 1000, 0, 5e6, 0, 100_000, 1000},
		{"half of an even part", 1, 100, 5e6, 50_000, 20_000, 5000},
		{"at most the wanted work", 1, 100, 5e5, 50_000, 100_000, 5000},
		{"the end of a map is not shared", 1, 100, 5e6, 50_000, 600, 500},
		{"the very end of a map", 1, 100, 5e6, 50_000, 300, 300},
		{"the end of a stream is shared", 1, 100, 5e6, 0, 300, 75},
		{"slow tasks are shared to the last", 1, 1e6, 5e6, 50_000, 4, 1},
		{"whole chunks", 7, 100, 5e6, 50_000, 300, 294},
	} {
		if got := share(test.chunk, test.mean, test.want, test.least, test.unclaimed, 2); got != test.share {
			t.Errorf("%s: got a share of %d tasks, want %d", test.what, got, test.share)
		}
	}
}

func TestRoom(t *testing.T) {
	for _, test := range []struct {
		prefetch, recycle, flight, size, want int
	}{
		{0, 0, 7, 1, work.MaxTasks},
		{1, 0, 0, 1, 1},
		{1, 0, 1, 1, 0},
		{8, 0, 3, 1, 5},
		{8, 0, 3, 4, 4},
		{8, 0, 5, 4, 0},
		{2, 0, 0, 16, 16}, // a chunk is never cut
		{2, 0, 1, 16, 0},
		{8, 5, 3, 1, 2},
		{2, 5, 0, 1, 2},
	} {
		l := &lane{pool: &Pool{config: Config{Prefetch: test.prefetch, Recycle: Recycle{Tasks: test.recycle}}}, worker: &worker{}}
		l.flight.tasks = test.flight
		if got := l.room(test.size); got != test.want {
			t.Errorf("%+v: got room for %d tasks, want %d", test, got, test.want)
		}
	}
}
