package strategiestest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

var selfWaitRules = []rule{
	{"task waits for its own executor", `If a task waits for tasks of its own executor, the wait
returns their outcomes or ErrNested and never hangs. This holds even if all workers run such tasks
at once, and the tasks pass contexts other than their own.`, needs{inside}, waitForOneself},
	{"task waits while a worker is free", `A task that waits for tasks of its own executor may pass any context if a worker is free.`,
		needs{inside, nests, parallel}, waitWithFreeWorkers},
	{"task waits for its own future", `If a task waits for its own future, the wait returns ErrNested, whatever context the task passes.`,
		needs{inside}, waitForOwnFuture},
	{"tasks wait for each other", `If two tasks wait for each other's futures, one of the two waits returns ErrNested.`,
		needs{inside, parallel}, waitForEachOther},
	{"tasks of two executors wait for each other", `Tasks on all workers of executor A may wait
for tasks of executor B that wait for executor A. Each wait returns outcomes or ErrNested and never
hangs, whatever context the tasks pass.`, needs{inside}, waitInCircle},
	{"goroutine of a task waits", `A goroutine that a task starts may wait for the executor of the
task. So may a hook or an input of a job that the task submits. If the wait uses a context that is
not the context of the task, it ends when that context ends, at the latest.`, needs{inside}, waitOutOfSight},
	{"close and stop by their own job", `Close and Stop return ErrNested if they would have to
wait for their own caller. The caller may be a task, a hook, an input or the consumer of a stream.
Stop by the consumer of a stream ends the stream.`, nil, endsFromWithin},
}

// waysToWait returns functions that run tasks with the inputs 1, 2 and 3 on ex and wait for the
// outputs. Each function passes a context that belongs to no task, and returns the sum of the
// outputs, which is 6. The keys of the map describe how each function waits.
func waysToWait(ex strategies.Executor) map[string]func() (int, error) {
	in := []int{1, 2, 3}
	ways := map[string]func() (int, error){
		"map": func() (int, error) {
			out, err := identity.Map(background, ex, in, strategies.Options{})
			return total(out), err
		},
		"drain": func() (int, error) {
			return 6, identity.Drain(background, ex, slices.Values(in), strategies.Options{})
		},
	}
	for _, order := range orders {
		ways["stream in "+order.String()+" order"] = func() (int, error) {
			return sum(identity.Stream(background, ex, slices.Values(in), strategies.Options{Order: order, Window: 2}))
		}
	}
	for name, wait := range waits {
		ways["futures, "+name] = func() (int, error) {
			return wait(background, start(background, ex, identity, in, strategies.Options{}))
		}
	}
	return ways
}

// deep calls f on a deep call stack: at least the given number of frames lie between f and the
// caller of deep.
func deep(frames int, f func() (int, error)) (int, error) {
	if frames == 0 {
		return f()
	}
	n, err := deep(frames-1, f)
	return n, err
}

func waitForOneself(t *testCase) {
	for _, workers := range []int{1, 2} {
		ex := t.executor(workers)
		busy := t.workers(workers)
		for name, way := range waysToWait(ex) {
			for _, o := range []strategies.Options{{}, hooked()} {
				var started atomic.Int64
				outer := kernel(func(ctx context.Context, _ int) (int, error) {
					started.Add(1)
					strategies.Blocking(ctx, func() { until(func() bool { return int(started.Load()) >= busy }) })
					return deep(100, way)
				})
				for _, e := range []entry{asMap, asFutures} {
					started.Store(0)
					for _, out := range outcomes(t, ex, outer, numbers(busy), o, e) {
						t.check(errors.Is(out.err, strategies.ErrNested) || out.err == nil && out.value == 6,
							"%s in each of %d tasks of a %s: got %s, want value 6 or ErrNested", name, busy, e, out)
					}
				}
			}
		}
		t.healthy(ex, workers)
	}
}

func waitForOwnFuture(t *testCase) {
	all := []strategies.Options{{}, hooked()}
	if t.can().Limits {
		all = append(all, strategies.Options{Limit: time.Hour})
	}
	for _, workers := range []int{1, 2} {
		ex := t.executor(workers)
		for name, wait := range waits {
			for _, o := range all {
				for _, own := range []bool{true, false} {
					self := make(chan *strategies.Future[int], 1)
					k := kernel(func(ctx context.Context, _ int) (int, error) {
						if !own {
							ctx = background
						}
						return wait(ctx, []*strategies.Future[int]{<-self})
					})
					f := k.Go(background, ex, 0, o)
					self <- f
					_, err := f.Wait(background)
					t.is(fmt.Sprintf("wait of a task for its own future by %s (passes its own context: %v)", name, own), err, strategies.ErrNested)
				}
			}
		}
		t.healthy(ex, workers)
	}
}

func waitForEachOther(t *testCase) {
	ex := t.executor(3)
	for name, wait := range waits {
		for _, o := range []strategies.Options{{}, hooked()} {
			var started atomic.Int64
			futures := make([]*strategies.Future[int], 2)
			ready := make(chan struct{})
			k := kernel(func(ctx context.Context, i int) (int, error) {
				<-ready
				started.Add(1)
				strategies.Blocking(ctx, func() { until(func() bool { return started.Load() == 2 }) })
				return wait(background, futures[1-i:2-i])
			})
			for i := range futures {
				futures[i] = k.Go(background, ex, i, o)
			}
			close(ready)
			_, err := strategies.WaitAll(background, futures)
			t.is(fmt.Sprintf("error of two tasks that wait for each other by %s", name), err, strategies.ErrNested)
		}
	}
	t.healthy(ex, 3)
}

func waitInCircle(t *testCase) {
	for workers, spare := range cross([]int{1, 2}, []int{0, 1}) {
		ex := t.executor(workers)
		busy := t.workers(workers)
		other, err := catalog.Named("pool").New(background, catalog.Config{Workers: busy + spare})
		t.ok(err)
		t.cleanup(func() { t.ok(other.Close()) })
		for name, way := range waysToWait(ex) {
			for _, own := range []bool{true, false} {
				var started atomic.Int64
				middle := kernel(func(context.Context, int) (int, error) {
					started.Add(1)
					until(func() bool { return int(started.Load()) >= busy })
					return way()
				})
				outer := kernel(func(ctx context.Context, i int) (n int, err error) {
					pass := ctx
					if !own {
						pass = background
					}
					strategies.Blocking(ctx, func() {
						var out []int
						out, err = middle.Map(pass, other, []int{i}, strategies.Options{})
						n = total(out)
					})
					return n, err
				})
				for _, e := range []entry{asMap, asFutures} {
					started.Store(0)
					for _, out := range outcomes(t, ex, outer, numbers(busy), strategies.Options{}, e) {
						t.check(errors.Is(out.err, strategies.ErrNested) || out.err == nil && out.value == 6,
							"%s through another executor with %d spare workers, in each of %d tasks of a %s (passes its own context: %v): got %s, want value 6 or ErrNested", name, spare, busy, e, own, out)
					}
				}
			}
		}
		t.healthy(ex, workers)
	}
}

func waitOutOfSight(t *testCase) {
	ex := t.executor(1)
	for _, name := range []string{"goroutine", "hook", "input"} {
		ctx, cancel := context.WithCancelCause(background)
		var inner error
		wait := func() {
			go cancel(errAct)
			_, inner = identity.Map(ctx, ex, []int{1, 2, 3}, strategies.Options{})
		}
		outer := kernel(func(own context.Context, _ int) (_ int, err error) {
			switch name {
			case "goroutine":
				async(func() error { wait(); return nil }).wait()
			case "hook":
				_, err = identity.Map(own, ex, []int{1}, strategies.Options{Hooks: &strategies.Hooks{Result: func(strategies.Event) { wait() }}})
			case "input":
				_, err = sum(identity.Stream(own, ex, func(yield func(int) bool) { wait(); yield(1) }, strategies.Options{}))
			}
			return 0, err
		})
		_, err := outer.Go(background, ex, 0, strategies.Options{}).Wait(background)
		t.check(err == nil || !t.can().Nests && errors.Is(err, strategies.ErrNested), "a task whose %s waits for its executor: got error %v, want nil, or ErrNested if the strategy does not nest jobs", name, err)
		t.check(inner == nil || errors.Is(inner, errAct) || errors.Is(inner, strategies.ErrNested), "wait by the %s of a task: got error %v, want nil, the cause of its context or ErrNested", name, inner)
		cancel(nil)
	}
	t.healthy(ex, 1)
}

func waitWithFreeWorkers(t *testCase) {
	ex := t.executor(2)
	for name, way := range waysToWait(ex) {
		outer := kernel(func(context.Context, int) (int, error) { return way() })
		n, err := outer.Go(background, ex, 0, strategies.Options{}).Wait(background)
		t.check(err == nil && n == 6, "%s in a task while another worker is free: got %d, error %v, want 6 and no error", name, n, err)
	}
}

func endsFromWithin(t *testCase) {
	ends := map[string]func(ex strategies.Executor) error{
		"close": strategies.Executor.Close,
		"stop":  func(ex strategies.Executor) error { return ex.Stop(background) },
	}
	for name, end := range ends {
		for _, order := range orders {
			ex := t.executor(2)
			var last error
			n := 0
			for _, err := range stream(ex, slices.Values(plain(100)), strategies.Options{Order: order, Window: 8}) {
				if n++; n == 3 {
					err := end(ex)
					t.check(err == nil && name == "stop" || errors.Is(err, strategies.ErrNested), "%s called by the consumer of a stream: got error %v, want ErrNested or, for stop, nil", name, err)
				}
				last = err
			}
			if name == "stop" {
				t.is("last error of a stream whose consumer stopped the executor", last, strategies.ErrClosed)
			} else {
				t.is("last error of a stream whose consumer tried to close the executor", last, nil)
			}
		}
		ex := t.executor(2)
		got := make(chan error, 1)
		for range stream(ex, func(yield func(act) bool) {
			yield(act{})
			got <- end(ex)
		}, strategies.Options{}) {
		}
		t.is(name+" called by an input", <-got, strategies.ErrNested)
		ex = t.executor(2)
		o := strategies.Options{Hooks: &strategies.Hooks{Result: func(strategies.Event) { got <- end(ex) }}}
		actKernel.Map(background, ex, plain(1), o)
		if err := <-got; name == "close" {
			t.is("close called by a hook", err, strategies.ErrNested)
		} else {
			t.is("stop called by a hook", err, nil)
		}
		if t.can().Processes {
			continue
		}
		ex = t.executor(2)
		k := kernel(func(context.Context, int) (int, error) { return 0, end(ex) })
		_, err := k.Go(background, ex, 0, strategies.Options{}).Wait(background)
		t.is(name+" called by a task", err, strategies.ErrNested)
	}
}
