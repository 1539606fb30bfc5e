package strategiestest

import (
	"context"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var streamRules = []rule{
	{"window", `Inputs may be lazy and endless. The iterator is pulled by one goroutine at a
time. Tasks pulled never exceed tasks delivered plus the window, in both orders.`, 0, window},
	{"slow consumer", `A slow consumer slows the producer, and one that goes on gets all.`, 0, slowConsumer},
	{"input order", `Input order: delivered in input order, each as soon as it and all before it
are done.`, parallel, inputOrder},
	{"completion order", `Completion order: each delivered as soon as it is done.`, parallel, completionOrder},
	{"slow behind fast", `A task that is slow after many fast ones keeps nobody waiting: what is
behind it runs elsewhere.`, parallel | balances, slowBehindFast},
	{"done before slow", `A result is delivered while a task behind it runs, even on one worker.`, 0, doneBeforeSlow},
	{"no result is passed by", `Completion order: each delivered as soon as it is done, even if others
are done all the time.`, parallel | inside | balances, notPassedBy},
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
			for _, size := range []int{1, w} {
				var pulled, delivered atomic.Int64
				input := endless(t, &pulled, func(i int) Act {
					// One may be on its way into the consumer's loop.
					if p, d := pulled.Load(), delivered.Load(); p > d+1+int64(w) {
						t.Errorf("%v order, window %d: %d tasks pulled and %d delivered", order, w, p, d)
					}
					return plainAct(i)
				})
				o := strategies.Options{Order: order, Window: w, Chunk: chunk.Fixed(size)}
				for d, err := range ActKernel.Stream(context.Background(), ex, input, o) {
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
		for _, err := range ActKernel.Stream(context.Background(), ex, endless(t, &pulled, plainAct), o) {
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
	behind := t.behind(n)
	go func(g *gate) {
		g.arrived(behind)
		g.open()
	}(g)
	at := 0
	for d, err := range ActKernel.Stream(context.Background(), ex, slices.Values(acts), strategies.Options{}) {
		t.ok(err)
		want(t, "delivered", d.Index, at)
		if !opened {
			if ran := g.count(); ran < behind {
				t.Errorf("%d tasks ran before the first was delivered, want %d", ran, behind)
			}
			opened = true
		}
		at++
	}
	want(t, "deliveries", at, n)
	// Those before the slow one do not wait for it.
	g = t.gate()
	acts = slices.Concat(g.markers(0, 5), g.waiters(5, 1), g.markers(6, 5))
	at = 0
	for d, err := range ActKernel.Stream(context.Background(), ex, slices.Values(acts), strategies.Options{}) {
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
	behind := t.behind(n)
	acts := slices.Concat(g.waiters(0, 1), g.markers(1, n-1))
	at := 0
	for d, err := range ActKernel.Stream(context.Background(), ex, slices.Values(acts), strategies.Options{Order: strategies.CompletionOrder}) {
		t.ok(err)
		at++
		if at < behind && d.Index == 0 || at == n && behind == n && d.Index != 0 {
			t.Errorf("delivery %d is task %d", at, d.Index)
		}
		if at == behind-1 {
			g.open()
		}
	}
	want(t, "deliveries", at, n)
}

func slowBehindFast(t *T) {
	ex := t.executor(2)
	g := t.gate()
	const fast, n = 300, 400
	acts := slices.Concat(plain(fast), g.waiters(fast, 1), g.markers(fast+1, n-fast-1))
	at := 0
	for d, err := range ActKernel.Stream(context.Background(), ex, slices.Values(acts), strategies.Options{Order: strategies.CompletionOrder}) {
		t.ok(err)
		if at++; at == n-1 {
			g.open()
		} else if at < n && d.Index == fast {
			t.Errorf("delivery %d is the slow task", at)
		}
	}
	want(t, "deliveries", at, n)
}

// behind is how many of n tasks, of which the first waits, two workers have begun by
// themselves: all, or that one and the first of the other worker's.
func (t *T) behind(n int) int {
	if t.Strategy.Capabilities.Balances {
		return n
	}
	return 2
}

func doneBeforeSlow(t *T) {
	ex := t.executor(1)
	for _, order := range orders {
		for _, size := range []int{1, 20} {
			g := t.gate()
			acts := slices.Concat(g.markers(0, 10), g.waiters(10, 1), g.markers(11, 5))
			at := 0
			o := strategies.Options{Order: order, Chunk: chunk.Fixed(size)}
			for _, err := range ActKernel.Stream(context.Background(), ex, slices.Values(acts), o) {
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
	k := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
		switch i {
		case 0:
			strategies.Blocking(ctx, func() { <-first })
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
	for i, err := range resumable(k).Stream(context.Background(), ex, numbers, strategies.Options{Order: strategies.CompletionOrder, Window: w}) {
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
