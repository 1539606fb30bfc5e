package strategiestest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

var lifeRules = []rule{
	{"close", `Close refuses new work and finishes what was accepted.`, 0, closeFinishes},
	{"stop", `Stop cancels what has not started; every unfinished task resolves with an
error.`, bounded, stopResolves},
	{"stop in this process", `Stop ends the context of tasks that run, in maps and streams, and waits for
those that do not listen no longer than its own context lasts.`, inside | bounded, stopInside},
	{"idle", `Close and Stop are idempotent and may be called by many at once, before any
work.`, 0, endIdle},
	{"submitters", `Close and Stop may be called by many at once while submitters block; submitters
get ErrClosed, never a panic or a hang.`, 0, endBusy},
	{"flat", `400 cycles of create, run, close leave goroutines, descriptors and memory flat.`, 0, flat},
}

func closeFinishes(t *T) {
	ex := t.executor(2)
	g := t.gate()
	type result struct {
		out []Done
		err error
	}
	mapped := make(chan result)
	go func() {
		out, err := ActKernel.Map(context.Background(), ex, g.waiters(0, 20), strategies.Options{})
		mapped <- result{out, err}
	}()
	g.arrived(1)
	closed := make(chan error)
	go func() { closed <- ex.Close() }()
	until(func() bool {
		_, err := ActKernel.Map(cancelled, ex, plain(1), strategies.Options{})
		return errors.Is(err, strategies.ErrClosed)
	})
	select {
	case <-closed:
		t.Errorf("closed while tasks run")
		return
	default:
	}
	g.open()
	if r := <-mapped; r.err != nil || r.out[19].Index != 19 {
		t.Errorf("what was accepted ended with %v", r.err)
	}
	t.ok(<-closed)
	want(t, "error of a stream on it", streamError(t, ex, ActKernel, nil, strategies.Options{}), strategies.ErrClosed)
	t.ok(ex.Close())
	t.ok(ex.Stop(context.Background()))
}

func stopResolves(t *T) {
	for _, order := range turns(t, orders...) {
		workers := t.workers(2)
		ex := t.executor(workers)
		g := t.gate()
		const n = 100
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := ActKernel.Map(context.Background(), ex, g.waiters(0, n), strategies.Options{})
			var e *strategies.JobError
			if !errors.As(err, &e) || !errors.Is(e.Cause, strategies.ErrClosed) {
				t.Errorf("map ended with %v", err)
				return
			}
			for i := range n {
				if e.Task(i) == nil {
					t.Errorf("task %d has an output though it was held", i)
				}
			}
		})
		g.arrived(workers)
		wg.Go(func() {
			var last error
			for _, err := range ActKernel.Stream(context.Background(), ex, slices.Values(g.waiters(n, n)), strategies.Options{Order: order, Window: 10}) {
				if last = err; err == nil {
					t.Errorf("a task of the stream has an output though it was held")
				}
			}
			if !errors.Is(last, strategies.ErrClosed) {
				t.Errorf("stream ended with %v", last)
			}
		})
		t.ok(ex.Stop(context.Background()))
		wg.Wait()
		want(t, "tasks that started", g.count(), workers)
		t.ok(ex.Stop(cancelled))
		t.ok(ex.Close())
	}
}

func stopInside(t *T) {
	const workers = 2
	ex := t.executor(workers)
	release := make(chan struct{})
	var started, listened atomic.Int64
	k := strategies.Kernel[bool, int]{Func: func(ctx context.Context, listens bool) (int, error) {
		started.Add(1)
		if listens {
			untilDone(ctx)
			listened.Add(1)
			return 0, context.Cause(ctx)
		}
		strategies.Blocking(ctx, func() { <-release })
		return 0, nil
	}}
	for _, listens := range []bool{true, false} {
		if !listens {
			ex = t.executor(workers)
			started.Store(0)
		}
		ended := make(chan error)
		go func() {
			_, err := resumable(k).Map(context.Background(), ex, []bool{listens, listens, listens, listens}, strategies.Options{})
			ended <- err
		}()
		until(func() bool { return started.Load() == int64(t.workers(workers)) })
		if listens {
			t.ok(ex.Stop(context.Background()))
			want(t, "tasks that saw their context end", listened.Load(), started.Load())
		} else {
			if err := ex.Stop(cancelled); !errors.Is(err, context.Canceled) {
				t.Errorf("stop with tasks that do not listen: %v", err)
			}
			close(release)
		}
		if err := <-ended; !errors.Is(err, strategies.ErrClosed) {
			t.Errorf("map ended with %v", err)
		}
	}
}

// end calls Close and Stop by many goroutines at once.
func (t *T) end(ex strategies.Executor) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if i%2 == 0 {
				t.ok(ex.Close())
			} else {
				t.ok(ex.Stop(context.Background()))
			}
		})
	}
	wg.Wait()
}

func endIdle(t *T) {
	for range 5 {
		t.end(t.executor(2))
	}
}

func endBusy(t *T) {
	rounds := 10
	if t.turn >= 0 {
		rounds = 3
	}
	for round := range rounds {
		ex := t.executor(2)
		var ran atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for {
					var err error
					switch i % 3 {
					case 0:
						_, err = ActKernel.Map(context.Background(), ex, plain(20), strategies.Options{})
					default:
						var pulled atomic.Int64
						o := strategies.Options{Order: orders[i%2], Window: 8}
						for _, e := range ActKernel.Stream(context.Background(), ex, endless(t, &pulled, plainAct), o) {
							err = e
						}
					}
					ran.Add(1)
					if errors.Is(err, strategies.ErrClosed) {
						return
					}
					if err != nil {
						// A task may be lost with a worker that was stopped.
						var e *strategies.LostError
						if !t.processes() || !errors.As(err, &e) {
							t.Errorf("a submitter got %v", err)
							return
						}
					}
				}
			})
		}
		until(func() bool { return ran.Load() >= int64(4*round) })
		if round == 0 {
			runtime.Gosched()
		}
		// Streams here never end by themselves: Close alone would wait for ever.
		t.end(ex)
		wg.Wait()
	}
}

func flat(t *T) {
	const cycles, early = 400, 100
	workers := 4
	if t.processes() {
		workers = 1
	}
	var before, after runtime.MemStats
	begun := time.Now()
	for i := range cycles {
		if i > early && time.Since(begun) > patience/5 {
			break // processes start slowly here
		}
		c := t.config
		c.Workers = t.workers(workers)
		ex, err := t.Strategy.New(context.Background(), c)
		t.ok(err)
		_, jobErr := t.results(ex, plain(10), strategies.Options{})
		if jobErr != nil {
			t.Fatalf("%v", jobErr)
		}
		t.ok(ex.Close())
		if i == early {
			runtime.GC()
			runtime.ReadMemStats(&before)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
		t.Errorf("the heap grew by %d bytes in %d cycles", grown, cycles-early)
	}
}
