package strategiestest

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
)

var streamRules = []rule{
	{"window", `Inputs may be lazy and endless. The iterator is pulled by one goroutine at a
time. Tasks pulled never exceed tasks delivered plus the window, in both orders.`, 0, window},
	{"slow consumer", `A slow consumer slows the producer, and one that goes on gets all.`, 0, slowConsumer},
	{"input order", `Input order: delivered in input order, each as soon as it and all before it
are done.`, parallel, inputOrder},
	{"completion order", `Completion order: each delivered as soon as it is done.`, parallel, completionOrder},
	{"done before slow", `A result is delivered while a task behind it runs, even on one worker.`, 0, doneBeforeSlow},
	{"no result is passed by", `Completion order: each delivered as soon as it is done, even if others
are done all the time.`, parallel | inside, notPassedBy},
	{"input that panics", `An input iterator that panics ends the stream after the complete tasks before
it have been delivered, with an error that says so. The executor is usable at once.`, 0, inputPanics},
	{"input that goes on", `An input iterator that goes on when it is told to stop ends the stream with
an error too.`, 0, inputGoesOn},
	{"consumer that stops", `A consumer that stops early stops the producer, cancels what has not
started, leaves nothing behind, and does not disturb other jobs.`, 0, consumerStops},
	{"consumer that stops ends contexts", `A consumer that stops early ends the context of tasks that run.`, inside, consumerEndsContexts},
}

// endless returns endless acts, and counts in pulled those that were asked for.
func endless(t *T, pulled *atomic.Int64, act func(i int) Act) iter.Seq[Act] {
	var inside atomic.Bool
	return func(yield func(Act) bool) {
		for i := 0; ; i++ {
			if !inside.CompareAndSwap(false, true) {
				t.Errorf("two goroutines pull at once")
			}
			pulled.Add(1)
			a := act(i)
			inside.Store(false)
			if !yield(a) {
				return
			}
		}
	}
}

func plainAct(i int) Act { return Act{Index: i} }

func window(t *T) {
	ex := t.executor(2)
	for _, order := range orders {
		for _, w := range []int{1, 2, 3, 8, 100} {
			for _, chunk := range []int{1, w} {
				var pulled, delivered atomic.Int64
				input := endless(t, &pulled, func(i int) Act {
					// One may be on its way into the consumer's loop.
					if p, d := pulled.Load(), delivered.Load(); p > d+1+int64(w) {
						t.Errorf("%v order, window %d: %d tasks pulled and %d delivered", order, w, p, d)
					}
					return plainAct(i)
				})
				o := strategies.Options{Order: order, Window: w, Chunk: chunk}
				for d, err := range strategies.Stream(context.Background(), ex, ActKernel, input, o) {
					t.ok(err)
					n := delivered.Add(1)
					if p := pulled.Load(); p > n+int64(w) {
						t.Errorf("%v order, window %d: %d tasks pulled and %d delivered", order, w, p, n)
					}
					if order == strategies.InputOrder && d.Index != int(n-1) {
						t.Fatalf("window %d: delivery %d is task %d", w, n-1, d.Index)
					}
					if n == 1000 {
						break
					}
				}
			}
		}
	}
}

func slowConsumer(t *T) {
	ex := t.executor(2)
	const w, n = 10, 200
	for _, order := range orders {
		var pulled atomic.Int64
		delivered := int64(0)
		o := strategies.Options{Order: order, Window: w}
		for _, err := range strategies.Stream(context.Background(), ex, ActKernel, endless(t, &pulled, plainAct), o) {
			t.ok(err)
			delivered++
			if delivered%20 == 1 {
				// Full, but for what the producer has not been told yet.
				until(func() bool { return pulled.Load() >= delivered+w-1 })
			}
			if delivered == n {
				break
			}
		}
	}
}

func inputOrder(t *T) {
	ex := t.executor(2)
	g := t.gate()
	const n = 50
	acts := slices.Concat(g.waiters(0, 1), g.markers(1, n-1))
	opened := false
	go func(g *gate) {
		g.arrived(n)
		g.open()
	}(g)
	at := 0
	for d, err := range strategies.Stream(context.Background(), ex, ActKernel, slices.Values(acts), strategies.Options{}) {
		t.ok(err)
		want(t, "delivered", d.Index, at)
		if !opened {
			want(t, "tasks that ran before the first was delivered", g.count(), n)
			opened = true
		}
		at++
	}
	want(t, "deliveries", at, n)
	// Those before the slow one do not wait for it.
	g = t.gate()
	acts = slices.Concat(g.markers(0, 5), g.waiters(5, 1), g.markers(6, 5))
	at = 0
	for d, err := range strategies.Stream(context.Background(), ex, ActKernel, slices.Values(acts), strategies.Options{}) {
		t.ok(err)
		want(t, "delivered", d.Index, at)
		if at++; at == 5 {
			g.open()
		}
	}
}

func completionOrder(t *T) {
	ex := t.executor(2)
	g := t.gate()
	const n = 50
	acts := slices.Concat(g.waiters(0, 1), g.markers(1, n-1))
	at := 0
	for d, err := range strategies.Stream(context.Background(), ex, ActKernel, slices.Values(acts), strategies.Options{Order: strategies.CompletionOrder}) {
		t.ok(err)
		at++
		if (at == n) != (d.Index == 0) {
			t.Errorf("delivery %d is task %d", at, d.Index)
		}
		if at == n-1 {
			g.open()
		}
	}
	want(t, "deliveries", at, n)
}

func doneBeforeSlow(t *T) {
	ex := t.executor(1)
	for _, order := range orders {
		for _, chunk := range []int{1, 20} {
			g := t.gate()
			acts := slices.Concat(g.markers(0, 10), g.waiters(10, 1), g.markers(11, 5))
			at := 0
			o := strategies.Options{Order: order, Chunk: chunk}
			for _, err := range strategies.Stream(context.Background(), ex, ActKernel, slices.Values(acts), o) {
				t.ok(err)
				if at++; at == 10 {
					g.open()
				}
			}
			want(t, "deliveries", at, 16)
		}
	}
}

func notPassedBy(t *T) {
	const w = 64
	ex := t.executor(2)
	first := make(chan struct{})
	var ended atomic.Int64
	var firstEnded atomic.Bool
	k := strategies.Kernel[int, int]{Func: func(_ context.Context, i int) (int, error) {
		switch i {
		case 0:
			<-first
			firstEnded.Store(true)
		case w: // keeps the worker of the first
			for firstEnded.Load() {
				runtime.Gosched()
			}
		}
		ended.Add(1)
		return i, nil
	}}
	numbers := func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
		}
	}
	delivered, since := 0, 0
	for i, err := range strategies.Stream(context.Background(), ex, k, numbers, strategies.Options{Order: strategies.CompletionOrder, Window: w}) {
		t.ok(err)
		if i == 0 {
			break
		}
		if delivered++; delivered == 1000 {
			close(first)
			until(firstEnded.Load)
		}
		if delivered > 1000 {
			if since++; since > 100*w {
				t.Errorf("a result was passed by more than %d times", 100*w)
				break
			}
		}
		// There is always another result waiting.
		for ended.Load() < int64(delivered+2) {
			runtime.Gosched()
		}
	}
}

func inputPanics(t *T) {
	ex := t.executor(2)
	ways := map[string]func(){
		"an error":        func() { panic(ErrAct) },
		"nil":             func() { panic(nil) },
		"a runtime error": func() { var m map[int]int; m[0] = 1 },
		"Goexit":          runtime.Goexit,
		"Goexit, panic":   func() { defer panic("boom"); runtime.Goexit() },
		"panic, Goexit":   func() { defer runtime.Goexit(); panic("boom") },
	}
	for name, end := range ways {
		for _, order := range orders {
			for _, n := range []int{0, 1, 5, 3000} {
				input := func(yield func(Act) bool) {
					for i := range n {
						if !yield(Act{Index: i}) {
							return
						}
					}
					end()
				}
				values, errs := 0, []error{}
				for _, err := range strategies.Stream(context.Background(), ex, ActKernel, input, strategies.Options{Order: order}) {
					if err != nil {
						errs = append(errs, err)
					} else if values++; len(errs) > 0 {
						t.Errorf("input that ends by %s: a value behind the error", name)
					}
				}
				want(t, "values", values, n)
				var ie *strategies.InputError
				if len(errs) != 1 || !errors.As(errs[0], &ie) || ie.Task != n {
					t.Errorf("input that ends by %s behind %d tasks: the errors are %v", name, n, errs)
				}
			}
		}
		t.healthy(ex, 2)
	}
}

func inputGoesOn(t *T) {
	ex := t.executor(2)
	for _, order := range orders {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		deaf := func(yield func(Act) bool) {
			for i := range 100_000 {
				yield(Act{Index: i})
			}
		}
		n := 0
		var last error
		for _, err := range strategies.Stream(ctx, ex, ActKernel, deaf, strategies.Options{Order: order, Window: 4}) {
			if n++; n == 50 {
				cancel(ErrAct)
			}
			last = err
		}
		if n >= 100_000 || last == nil {
			t.Errorf("%d outcomes after a cancel at 50; the last error is %v", n, last)
		}
	}
	t.healthy(ex, 2)
}

func consumerStops(t *T) {
	ex := t.executor(2)
	other := make(chan error, 1)
	stop := make(chan struct{})
	go func() { // another job on the same executor
		for {
			select {
			case <-stop:
				other <- nil
				return
			default:
			}
			if _, err := strategies.Map(context.Background(), ex, ActKernel, plain(50), strategies.Options{}); err != nil {
				other <- err
				return
			}
		}
	}()
	ways := map[string]func() bool{
		"break":  func() bool { return false },
		"panic":  func() bool { panic(ErrAct) },
		"Goexit": func() bool { runtime.Goexit(); return false },
	}
	for name, leave := range ways {
		for _, order := range orders {
			for _, after := range []int{1, 2, 500} {
				var pulled, n atomic.Int64
				ended := make(chan any)
				go func() {
					defer func() { ended <- recover() }()
					o := strategies.Options{Order: order, Window: 64}
					strategies.Stream(context.Background(), ex, ActKernel, endless(t, &pulled, plainAct), o)(func(Done, error) bool {
						return int(n.Add(1)) < after || leave()
					})
				}()
				if p := <-ended; (p == ErrAct) != (name == "panic") {
					t.Errorf("consumer that ends by %s: recovered %v", name, p)
				}
				want(t, "deliveries", n.Load(), int64(after))
				if p := pulled.Load(); p > int64(after+64) {
					t.Errorf("consumer that ends by %s after %d: %d tasks pulled", name, after, p)
				}
			}
		}
	}
	close(stop)
	if err := <-other; err != nil {
		t.Errorf("another job was disturbed: %v", err)
	}
	t.healthy(ex, 2)
}

func consumerEndsContexts(t *T) {
	const workers = 3
	ex := t.executor(workers)
	var started, ended atomic.Int64
	k := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
		started.Add(1)
		if i > 0 {
			<-ctx.Done()
		}
		ended.Add(1)
		return i, nil
	}}
	for _, order := range orders {
		numbers := func(yield func(int) bool) {
			for i := 0; yield(i); i++ {
			}
		}
		for range strategies.Stream(context.Background(), ex, k, numbers, strategies.Options{Order: order}) {
			break
		}
		want(t, "tasks that are still running", started.Load()-ended.Load(), 0)
	}
}
