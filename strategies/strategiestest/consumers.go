package strategiestest

import (
	"context"
	"runtime"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
)

var consumerRules = []rule{
	{"consumer that stops", `A consumer that stops early stops the producer, cancels the tasks that have
not started, leaves nothing behind, and does not disturb other jobs.`, 0, consumerStops},
	{"consumer that stops ends contexts", `A consumer that stops early ends the context of tasks that run.`, inside, consumerEndsContexts},
	{"never read", `A stream over which no consumer ranges does nothing, and one that is left at once leaves
nothing behind.`, 0, neverRead},
}

func consumerStops(t *testCase) {
	const w = 64
	ex := t.executor(2)
	var stop atomic.Bool
	other := async(func() error { // jobs on the same executor
		for !stop.Load() {
			if _, err := actKernel.Map(background, ex, plain(50), strategies.Options{}); err != nil {
				return err
			}
		}
		return nil
	})
	ways := map[string]func() bool{
		"break":  func() bool { return false },
		"panic":  func() bool { panic(errAct) },
		"Goexit": func() bool { runtime.Goexit(); return false },
	}
	for name, leave := range ways {
		for _, order := range orders {
			for _, after := range []int{1, 2, 300} {
				var pulled, n atomic.Int64
				recovered := make(chan any)
				go func() {
					defer func() { recovered <- recover() }()
					stream(ex, endless(t, &pulled, plainAct), strategies.Options{Order: order, Window: w})(func(done, error) bool {
						return int(n.Add(1)) < after || leave()
					})
				}()
				if p := <-recovered; (p == errAct) != (name == "panic") {
					t.Errorf("consumer that ends by %s: recovered %v", name, p)
				}
				want(t, "deliveries", n.Load(), int64(after))
				within(t, "tasks pulled by a consumer that ends by "+name, int(pulled.Load()), after, after+w)
			}
		}
	}
	stop.Store(true)
	if err := other.wait(); err != nil {
		t.Errorf("another job was disturbed: %v", err)
	}
	t.healthy(ex, 2)
}

func consumerEndsContexts(t *testCase) {
	const workers = 3
	ex := t.executor(workers)
	var running atomic.Int64
	k := kernel(func(ctx context.Context, i int) (int, error) {
		running.Add(1)
		defer running.Add(-1)
		if i > 0 {
			untilDone(ctx)
		}
		return i, nil
	})
	for _, order := range orders {
		for range k.Stream(background, ex, unending, strategies.Options{Order: order}) {
			break
		}
		want(t, "tasks that still run", running.Load(), 0)
	}
}

func neverRead(t *testCase) {
	const w = 8
	ex := t.executor(2)
	for _, order := range orders {
		var pulled atomic.Int64
		s := stream(ex, endless(t, &pulled, plainAct), strategies.Options{Order: order, Window: w})
		want(t, "tasks pulled of a stream without a consumer", pulled.Load(), 0)
		for range 20 {
			for range s {
				break
			}
		}
		within(t, "tasks pulled by 20 consumers that leave at once", int(pulled.Load()), 0, 20*(w+1))
	}
	t.healthy(ex, 2)
}
