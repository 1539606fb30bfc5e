package inproc_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/inproc"
)

// The shares equal those of OpenMP's schedule(static) and schedule(static, k).
func TestStaticShares(t *testing.T) {
	for _, c := range []struct {
		workers, n int
		chunk      chunk.Policy
		want       string // tasks of each worker
	}{
		{3, 9, nil, "[[0 1 2] [3 4 5] [6 7 8]]"},
		{3, 10, nil, "[[0 1 2] [3 4 5] [6 7 8 9]]"},
		{4, 2, nil, "[[0] [1]]"},
		{3, 9, chunk.Static{}, "[[0 1 2] [3 4 5] [6 7 8]]"},
		{3, 9, chunk.Auto{}, "[[0 1 2] [3 4 5] [6 7 8]]"},
		{2, 10, chunk.Fixed(2), "[[0 1 4 5 8 9] [2 3 6 7]]"},
		{3, 7, chunk.Fixed(3), "[[0 1 2] [3 4 5] [6]]"},
		{2, 5, chunk.Fixed(100), "[[0 1 2 3 4]]"},
		{2, 16, chunk.Guided{}, "[[0 1 2 3 4 5 6 7 12 13 15] [8 9 10 11 14]]"},
	} {
		ex := inproc.Static(c.workers)
		var mu sync.Mutex
		var all []*[]int // tasks by worker
		tasks := &strategies.Local[*[]int]{New: func() *[]int {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, new([]int))
			return all[len(all)-1]
		}}
		k := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
			mine := *tasks.Of(ctx)
			*mine = append(*mine, i)
			return i, nil
		}}
		if _, err := k.Map(t.Context(), ex, slices.Collect(count(c.n)), strategies.Options{Chunk: c.chunk}); err != nil {
			t.Error(err)
		}
		var shares [][]int
		for _, mine := range all {
			shares = append(shares, *mine)
		}
		slices.SortFunc(shares, func(a, b []int) int { return a[0] - b[0] })
		if got := fmt.Sprint(shares); got != c.want {
			t.Errorf("%d tasks with chunk %v on %d workers: shares %s, want %s", c.n, c.chunk, c.workers, got, c.want)
		}
		ex.Close()
	}
}

// Each worker of each executor has its own value of a Local. The value survives jobs, and tasks
// that end the goroutine of the worker.
func TestLocal(t *testing.T) {
	made := 0
	ran := &strategies.Local[int]{New: func() int { made++; return 100 }}
	k := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
		*ran.Of(ctx)++
		if i == 1 {
			runtime.Goexit()
		}
		return *ran.Of(ctx), nil
	}}
	for range 2 { // executors
		ex := inproc.Serial()
		for range 3 {
			k.Map(t.Context(), ex, []int{0, 1, 2}, strategies.Options{})
		}
		if n, err := k.Go(t.Context(), ex, 0, strategies.Options{}).Wait(t.Context()); n != 110 || err != nil {
			t.Errorf("after ten tasks: %d, %v", n, err)
		}
		ex.Close()
	}
	if made != 2 {
		t.Errorf("%d values for two workers", made)
	}
	defer func() {
		if p := recover(); p != strategies.ErrNoWorker {
			t.Errorf("outside of a task: %v", p)
		}
	}()
	ran.Of(t.Context())
}
