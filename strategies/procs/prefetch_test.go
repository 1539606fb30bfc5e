package procs

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

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
		l := &lane{x: &Executor{config: Config{Prefetch: Prefetch{Tasks: test.prefetch}, Recycle: Recycle{Tasks: test.recycle}}}, p: &process{}}
		l.flight.tasks = test.flight
		if got := l.room(test.size); got != test.want {
			t.Errorf("%+v: %d", test, got)
		}
	}
}

// Behind a large task there is one more, and none behind a huge one.
func TestFull(t *testing.T) {
	for _, test := range []struct {
		bytes []int // of runs
		want  bool
	}{
		{nil, false},
		{[]int{100}, false},
		{[]int{prefetchBytes - 1}, false},
		{[]int{prefetchBytes}, false},
		{[]int{1 << 20}, false},
		{[]int{1 << 20, 1 << 20}, true},
		{[]int{100, prefetchBytes}, true},
		{[]int{keepBytes}, true},
	} {
		f := flight{}
		f.push(run{hi: 1, bytes: 1 << 20})
		f.pop()
		for _, n := range test.bytes {
			f.push(run{hi: 1, bytes: n})
		}
		if f.full() != test.want {
			t.Errorf("%v: %v", test.bytes, f.full())
		}
	}
}

// However little is prefetched, all tasks are done, in maps and streams.
func TestPrefetch(t *testing.T) {
	for _, p := range []Prefetch{{Tasks: 1}, {Tasks: 3}, {Time: time.Nanosecond}, {Tasks: 2, Time: time.Second}} {
		c := config(2)
		c.Prefetch = p
		x := newExecutor(t, c)
		in := make([]uint64, 500)
		for _, size := range []int{1, 7} {
			out, err := number.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(size)})
			if err != nil || len(out) != len(in) {
				t.Errorf("%+v, chunk %d: %d outcomes, %v", p, size, len(out), err)
			}
			n := 0
			for _, err := range number.Stream(t.Context(), x, slices.Values(in), strategies.Options{Chunk: chunk.Fixed(size), Window: 50}) {
				if n++; err != nil {
					t.Fatal(err)
				}
			}
			if n != len(in) {
				t.Errorf("%+v, chunk %d: %d outcomes of a stream", p, size, n)
			}
		}
	}
	c := config(1)
	c.Prefetch.Tasks = -1
	var refused *strategies.OptionError
	if _, err := New(t.Context(), c); !errors.As(err, &refused) || refused.Option != "prefetch" {
		t.Error(err)
	}
}
