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

var loopRules = []rule{
	{"kernels that do not resume", `A strategy that needs a resumable form refuses kernels that have
none, by the kernel's name, in every entry point.`, resumes, notResumable},
	{"waits at once", `10,000 tasks wait at once on one goroutine, and all that they are told is told
one after the other.`, resumes, waitsAtOnce},
	{"waits in a window", `A stream has as many tasks waiting as its window, in both orders.`, resumes, waitsInWindow},
	{"resumed failures", `A task that panics or ends its goroutine, when it begins or when it is called
back, fails alone. The first outcome of a task counts, whoever gives it, and nothing is
called for it afterwards.`, resumes, resumedFailures},
	{"waits that are cancelled", `A task that waits sees its context end: when the caller's does, a
sibling fails fast, a consumer stops, a future is cancelled.`, resumes, waitsCancelled},
	{"waits that are stopped", `Stop ends tasks that wait and do not listen when its own context ends.`, resumes, waitsStopped},
	{"descriptors", `A task can wait for a descriptor; one that cannot be waited for is an error.`, resumes, waitsForDescriptors},
}

// A begin is the resumable form of the kernels here.
type begin = func(ctx context.Context, i int, ev strategies.Events, done func(int, error))

func resuming(b begin) strategies.Kernel[int, int] {
	return strategies.Kernel[int, int]{
		Name:  "resuming",
		Func:  func(context.Context, int) (int, error) { panic("the resumable form should run") },
		Begin: b,
	}
}

// far is longer than a case takes.
const far = time.Hour

func notResumable(t *T) {
	ex := t.executor(1)
	k := strategies.Kernel[Act, Done]{Name: ActKernel.Name, Func: ActKernel.Func}
	refused := func(err error) {
		t.refused(t.Strategy.Name, "kernel", err)
		var e *strategies.OptionError
		if errors.As(err, &e) {
			want(t, "kernel that is named", e.Value, any(k.Name))
		}
	}
	_, err := k.Map(context.Background(), ex, plain(3), strategies.Options{})
	refused(err)
	refused(streamError(t, ex, k, plain(3), strategies.Options{}))
	_, err = k.Go(context.Background(), ex, Act{}, strategies.Options{}).Wait(context.Background())
	refused(err)
	t.healthy(ex, 1)
}

func waitsAtOnce(t *T) {
	const n = 10_000
	ex := t.executor(1)
	var begun, inside atomic.Int64
	alone := func(f func()) {
		if inside.Add(1) > 1 {
			t.Errorf("two tasks are told something at once")
		}
		f()
		inside.Add(-1)
	}
	k := resuming(func(_ context.Context, i int, ev strategies.Events, done func(int, error)) {
		alone(func() {
			begun.Add(1)
			ev.After(far, func(error) { alone(func() { done(i, nil) }) })
		})
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	before := runtime.NumGoroutine()
	mapped := make(chan []int)
	go func() {
		out, err := k.Map(ctx, ex, numbers(n), strategies.Options{})
		if err != nil {
			t.Errorf("map: %v", err)
		}
		mapped <- out
	}()
	until(func() bool { return begun.Load() == n })
	if more := runtime.NumGoroutine() - before; more > 4 {
		t.Errorf("%d tasks that wait have %d goroutines", n, more)
	}
	cancel() // wakes them
	for i, v := range <-mapped {
		want(t, "output", v, i)
	}
}

func waitsInWindow(t *T) {
	const window, n = 8, 100
	ex := t.executor(1)
	for _, order := range orders {
		var mu sync.Mutex
		var waiting []func() // that end a task
		k := resuming(func(_ context.Context, i int, ev strategies.Events, done func(int, error)) {
			mu.Lock()
			defer mu.Unlock()
			waiting = append(waiting, func() { ev.Post(func() { done(i, nil) }) })
		})
		pulled := 0
		input := func(yield func(int) bool) {
			for ; pulled < n && yield(pulled); pulled++ {
			}
		}
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() { // ends tasks when a window of them waits, the newest first
			for total := 0; total < n; {
				mu.Lock()
				if left := n - total; len(waiting) > window || left < window && len(waiting) > left {
					t.Errorf("%v order: %d tasks wait, the window is %d", order, len(waiting), window)
				} else if len(waiting) == min(window, left) {
					slices.Reverse(waiting)
					for _, end := range waiting {
						end()
					}
					total += len(waiting)
					waiting = nil
				}
				mu.Unlock()
				select {
				case <-stop:
					return
				case <-time.After(pollTime):
				}
			}
		})
		at := 0
		for v, err := range k.Stream(context.Background(), ex, input, strategies.Options{Order: order, Window: window}) {
			t.ok(err)
			if order == strategies.InputOrder {
				want(t, "delivered", v, at)
			}
			at++
		}
		close(stop)
		wg.Wait()
		want(t, "deliveries", at, n)
	}
}

func resumedFailures(t *T) {
	const n = 80
	ex := t.executor(1)
	ways := []struct {
		is    error // nil: success
		begin begin
	}{
		{nil, func(_ context.Context, i int, ev strategies.Events, done func(int, error)) {
			ev.After(0, func(error) { done(i, nil) })
		}},
		{ErrAct, func(context.Context, int, strategies.Events, func(int, error)) { panic(ErrAct) }},
		{strategies.ErrGoexit, func(context.Context, int, strategies.Events, func(int, error)) { runtime.Goexit() }},
		{ErrAct, func(_ context.Context, _ int, ev strategies.Events, _ func(int, error)) {
			ev.After(0, func(error) { panic(ErrAct) })
		}},
		{strategies.ErrGoexit, func(_ context.Context, _ int, ev strategies.Events, _ func(int, error)) {
			ev.Post(runtime.Goexit)
		}},
		{ErrAct, func(_ context.Context, i int, ev strategies.Events, done func(int, error)) {
			done(-1, ErrAct)
			done(i, nil)
			ev.Post(func() { t.Errorf("a task was called back that has ended") })
			ev.After(0, func(error) { t.Errorf("a task was told something that has ended") })
		}},
		{nil, func(_ context.Context, i int, _ strategies.Events, done func(int, error)) {
			done(i, nil)
			panic("too late")
		}},
		{nil, func(_ context.Context, i int, _ strategies.Events, done func(int, error)) {
			go done(i, nil)
		}},
		{ErrAct, func(_ context.Context, _ int, ev strategies.Events, _ func(int, error)) {
			ev.After(0, func(error) { panic(ErrAct) })
			ev.After(0, func(error) { t.Errorf("a task was told something that has failed") })
		}},
		{nil, func(_ context.Context, i int, _ strategies.Events, done func(int, error)) {
			defer runtime.Goexit()
			done(i, nil)
		}},
	}
	k := resuming(func(ctx context.Context, i int, ev strategies.Events, done func(int, error)) {
		ways[i%len(ways)].begin(ctx, i, ev, done)
	})
	check := func(i, out int, err error) {
		if is := ways[i%len(ways)].is; !errors.Is(err, is) || is == nil && out != i {
			t.Errorf("task %d, way %d: %d, %v", i, i%len(ways), out, err)
		}
	}
	out, err := k.Map(context.Background(), ex, numbers(n), strategies.Options{})
	var e *strategies.JobError
	if !errors.As(err, &e) {
		t.Fatalf("map: %v", err)
	}
	for i := range n {
		check(i, out[i], e.Task(i))
	}
	i := 0
	for out, err := range k.Stream(context.Background(), ex, slices.Values(numbers(n)), strategies.Options{Window: 7}) {
		check(i, out, err)
		i++
	}
	want(t, "deliveries", i, n)
	for i := range n {
		out, err := k.Go(context.Background(), ex, i, strategies.Options{}).Wait(context.Background())
		check(i, out, err)
	}
	t.healthy(ex, 1)
}
