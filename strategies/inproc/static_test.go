package inproc

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
)

// Shares are those of OpenMP's schedule(static) and schedule(static, k).
func TestStaticShares(t *testing.T) {
	for _, c := range []struct {
		workers, n int
		chunk      Chunk
		want       string // tasks of each worker
	}{
		{3, 9, nil, "[[0 1 2] [3 4 5] [6 7 8]]"},
		{3, 10, nil, "[[0 1 2] [3 4 5] [6 7 8 9]]"},
		{4, 2, nil, "[[0] [1]]"},
		{3, 9, Static{}, "[[0 1 2] [3 4 5] [6 7 8]]"},
		{3, 9, Auto{}, "[[0 1 2] [3 4 5] [6 7 8]]"},
		{2, 10, Fixed(2), "[[0 1 4 5 8 9] [2 3 6 7]]"},
		{3, 7, Fixed(3), "[[0 1 2] [3 4 5] [6]]"},
		{2, 5, Fixed(100), "[[0 1 2 3 4]]"},
		{2, 16, Guided{}, "[[0 1 2 3 4 5 6 7 12 13 15] [8 9 10 11 14]]"},
	} {
		ex, err := StaticStrategy().New(t.Context(), Config{Workers: c.workers})
		if err != nil {
			t.Fatal(err)
		}
		tasks := &Local[[]int]{New: func() []int { return nil }}
		k := Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
			mine := tasks.Of(ctx)
			*mine = append(*mine, i)
			return i, nil
		}}
		if _, err := Map(t.Context(), ex, k, slices.Collect(count(c.n)), Options{Chunk: c.chunk}); err != nil {
			t.Error(err)
		}
		var shares [][]int
		for _, w := range ex.(*crew).workers {
			if v, ok := w.state.values[tasks]; ok {
				shares = append(shares, *v.(*[]int))
			}
		}
		slices.SortFunc(shares, func(a, b []int) int { return a[0] - b[0] })
		if got := fmt.Sprint(shares); got != c.want {
			t.Errorf("%d tasks with chunk %v on %d workers: shares %s, want %s", c.n, c.chunk, c.workers, got, c.want)
		}
		ex.Close()
	}
}

// A value belongs to one worker of one executor, and outlives goroutines and jobs.
func TestLocal(t *testing.T) {
	made := 0
	ran := &Local[int]{New: func() int { made++; return 100 }}
	k := Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
		*ran.Of(ctx)++
		if i == 1 {
			runtime.Goexit()
		}
		return *ran.Of(ctx), nil
	}}
	for range 2 { // executors
		ex := newCrew("serial", 1, newCounter)
		for range 3 {
			Map(t.Context(), ex, k, []int{0, 1, 2}, Options{})
		}
		if n, err := Go(t.Context(), ex, k, 0).Wait(t.Context()); n != 110 || err != nil {
			t.Errorf("after ten tasks: %d, %v", n, err)
		}
		ex.Close()
	}
	if made != 2 {
		t.Errorf("%d values for two workers", made)
	}
	defer func() {
		if p := recover(); p != ErrNoWorker {
			t.Errorf("work.Outside of a task: %v", p)
		}
	}()
	ran.Of(t.Context())
}
