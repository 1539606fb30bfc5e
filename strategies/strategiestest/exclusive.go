package strategiestest

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
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
	for _, chunk := range []int{1, 3} {
		waiting.Store(0)
		_, err := strategies.Map(context.Background(), ex, resumable(k), numbers(12*chunk), strategies.Options{Chunk: strategies.Fixed(chunk)})
		var e *strategies.JobError
		if !errors.As(err, &e) || len(e.Tasks) != 8*chunk {
			t.Errorf("map: %v", err)
		}
	}
	waiting.Store(0)
	var futures []*strategies.Future[int]
	for range workers {
		futures = append(futures, strategies.Go(context.Background(), ex, resumable(k), 0))
	}
	for _, f := range futures {
		_, err := f.Wait(context.Background())
		t.ok(err)
	}
	t.healthy(ex, workers)
}
