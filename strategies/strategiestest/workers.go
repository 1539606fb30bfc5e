package strategiestest

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
)

var workerRules = []rule{
	{"equal shares", `Where tasks stay with the worker that they were given to, every worker gets as
many, and tasks behind a long one wait though other workers are free.`, inside | parallel | fixed, equalShares},
	{"state of workers", `Each worker of an executor has a value of its own, for the one task that it
runs at a time, or Local says that there is none.`, inside, stateOfWorkers},
	{"one at a time", `Where tasks exclude each other one runs at a time, and others run while it
waits by Wait or Blocking, however its wait ends.`, inside | exclusive, oneAtATime},
}

func equalShares(t *testCase) {
	const workers, n = 2, 100
	ex := t.executor(workers)
	l := newLedger()
	var others atomic.Int64
	k := kernel(func(ctx context.Context, i int) (int, error) {
		if i == 0 {
			until(func() bool { return others.Load() == n/workers })
			for range 100 { // for a worker that takes more
				runtime.Gosched()
			}
		} else {
			others.Add(1)
		}
		l.enter(ctx, 0, i)
		return i, nil
	})
	_, err := k.Map(background, ex, numbers(n), strategies.Options{})
	t.ok(err)
	for _, c := range l.all {
		want(t, "tasks of a worker", len(c[0]), n/workers)
	}
}

func stateOfWorkers(t *testCase) {
	const n = 500
	type desk struct{ users, tasks atomic.Int64 }
	workers := t.workers(3)
	ex := t.executor(workers)
	desks := make(chan *desk, 5*n)
	local := &strategies.Local[*desk]{New: func() *desk {
		d := new(desk)
		desks <- d
		return d
	}}
	k := kernel(func(ctx context.Context, i int) (int, error) {
		d := *local.Of(ctx)
		if d.users.Add(1) > 1 {
			t.Errorf("two tasks have one worker's value")
		}
		defer d.users.Add(-1)
		d.tasks.Add(1)
		runtime.Gosched()
		if i%50 == 7 {
			runtime.Goexit()
		}
		return i, nil
	})
	if _, err := k.Go(background, ex, 0, strategies.Options{}).Wait(background); err != nil {
		t.is("state of a worker", err, strategies.ErrNoWorker)
		return
	}
	for _, e := range allEntries {
		outcomes(t, ex, k, numbers(n), strategies.Options{Window: 16}, e)
	}
	close(desks)
	if len(desks) > workers && !t.can().Unbounded {
		t.Errorf("%d values for %d workers", len(desks), workers)
	}
	tasks := int64(0)
	for d := range desks {
		tasks += d.tasks.Load()
	}
	want(t, "tasks that had a value", tasks, int64(len(allEntries)*n+1))
}

func oneAtATime(t *testCase) {
	const workers = 4
	ex := t.executor(workers)
	var running, waiting atomic.Int32
	k := kernel(func(ctx context.Context, i int) (int, error) {
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
	})
	for _, size := range []int{1, 3} {
		waiting.Store(0)
		_, err := k.Map(background, ex, numbers(12*size), chunked(size))
		if e, ok := errors.AsType[*strategies.JobError](err); !ok || e.Failed != 8*size {
			t.Errorf("map: %v", err)
		}
	}
	waiting.Store(0)
	for _, o := range outcomes(t, ex, k, make([]int, workers), strategies.Options{}, asFutures) {
		t.ok(o.err)
	}
	t.healthy(ex, workers)
}
