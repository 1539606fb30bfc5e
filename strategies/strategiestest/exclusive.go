package strategiestest

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

func oneAtATime(t *T) {
	const workers = 4
	ex := t.executor(workers)
	var running, waiting atomic.Int32
	k := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
		compute := func() {
			for range 20 {
				if running.Add(1) > 1 {
					t.Errorf("two tasks run at once")
				}
				runtime.Gosched()
				running.Add(-1)
			}
		}
		compute()
		strategies.Blocking(ctx, func() { // until all wait
			waiting.Add(1)
			until(func() bool { return waiting.Load()%workers == 0 || waiting.Load() > workers })
		})
		compute()
		t.ok(strategies.Wait(ctx, 0))
		compute()
		switch i % 3 {
		case 1:
			strategies.Blocking(ctx, func() { panic("boom") })
		case 2:
			strategies.Blocking(ctx, runtime.Goexit)
		}
		return i, nil
	}}
	for _, size := range []int{1, 3} {
		waiting.Store(0)
		_, err := resumable(k).Map(context.Background(), ex, numbers(12*size), strategies.Options{Chunk: chunk.Fixed(size)})
		var e *strategies.JobError
		if !errors.As(err, &e) || e.Failed != 8*size {
			t.Errorf("map: %v", err)
		}
	}
	waiting.Store(0)
	var futures []*strategies.Future[int]
	for range workers {
		futures = append(futures, resumable(k).Go(context.Background(), ex, 0, strategies.Options{}))
	}
	for _, f := range futures {
		_, err := f.Wait(context.Background())
		t.ok(err)
	}
	t.healthy(ex, workers)
}
