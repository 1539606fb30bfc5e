package strategiestest

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

var streamRules = []rule{
	{"window", `An input may be lazy and endless. One goroutine at a time pulls it. In both orders, the
tasks pulled are at most the tasks delivered plus the window.`, nil, window},
	{"slow consumer", `A slow consumer slows the producer, and still gets all outcomes.`, nil, slowConsumer},
	{"input order", `In input order, a stream delivers each outcome as soon as the task and all earlier tasks
are done.`, needs{parallel}, inputOrder},
	{"completion order", `In completion order, a stream delivers each outcome as soon as the task is done.`, needs{parallel}, completionOrder},
	{"slow behind fast", `A slow task after many fast tasks delays no later task: other workers run these.`, needs{balances, parallel}, slowBehindFast},
	{"done before slow", `A stream delivers an outcome while a later task runs, even with one worker.`, nil, doneBeforeSlow},
	{"no starvation", `In completion order, a stream delivers each outcome soon, even if there are always other
outcomes to deliver.`, needs{inside, balances, parallel}, noStarvation},
}

func window(t *testCase) {
	ex := t.executor(2)
	for order, w := range cross(orders, []int{1, 2, 3, 8, 100}) {
		for _, size := range []int{1, w} {
			var pulled, delivered atomic.Int64
			check := func(when string, p, d int64) {
				t.check(p <= d+int64(w),
					"%v order, window %d, at a %s: %d tasks pulled and %d delivered", order, w, when, p, d)
			}
			input := endless(t, &pulled, func(i int) act {
				// The consumer may not have counted the last delivery yet.
				check("pull", pulled.Load(), delivered.Load()+1)
				return plainAct(i)
			})
			o := strategies.Options{Order: order, Window: w, Chunk: chunk.Fixed(size)}
			for at, d := range t.first(stream(ex, input, o), 400) {
				delivered.Store(int64(at))
				check("delivery", pulled.Load(), int64(at))
				t.check(order != strategies.InputOrder || d.Index == at-1, "window %d: delivery %d is task %d", w, at-1, d.Index)
			}
		}
	}
}

func slowConsumer(t *testCase) {
	ex := t.executor(2)
	const w, n = 10, 200
	for _, order := range orders {
		var pulled atomic.Int64
		input := endless(t, &pulled, plainAct)
		for at := range t.first(stream(ex, input, strategies.Options{Order: order, Window: w}), n) {
			if at%20 == 1 {
				// The window is full, except for one delivery that the producer has not seen yet.
				until(func() bool { return pulled.Load() >= int64(at+w-1) })
			}
		}
	}
}

func inputOrder(t *testCase) {
	ex := t.executor(2)
	g := t.gate()
	const n = 50
	behind := t.behind(n)
	go func(g *gate) {
		g.arrived(behind)
		g.open()
	}(g)
	acts := slices.Concat(g.waiters(0, 1), g.markers(1, n-1))
	t.receive(stream(ex, slices.Values(acts), strategies.Options{}), n, func(at int, d done) {
		want(t, "delivered", d.Index, at-1)
		if at == 1 {
			within(t, "tasks that ran before the first delivery", g.count(), behind, n)
		}
	})
	// The tasks before a slow task do not wait for it.
	g = t.gate()
	acts = slices.Concat(g.markers(0, 5), g.waiters(5, 1), g.markers(6, 5))
	t.receive(stream(ex, slices.Values(acts), strategies.Options{}), len(acts), func(at int, d done) {
		want(t, "delivered", d.Index, at-1)
		if at == 5 {
			g.open()
		}
	})
}

func completionOrder(t *testCase) {
	ex := t.executor(2)
	g := t.gate()
	const n = 50
	behind := t.behind(n)
	acts := slices.Concat(g.waiters(0, 1), g.markers(1, n-1))
	o := strategies.Options{Order: strategies.CompletionOrder}
	t.receive(stream(ex, slices.Values(acts), o), n, func(at int, d done) {
		t.check(d.Index == 0 && at >= behind || d.Index != 0 && (at < n || behind < n),
			"delivery %d is task %d", at, d.Index)
		if at == behind-1 {
			g.open()
		}
	})
}

// behind returns how many of n tasks two workers begin while task 0 waits: all n tasks if the
// strategy balances, else the first task of each worker.
func (t *testCase) behind(n int) int {
	if t.can().Balances {
		return n
	}
	return 2
}

func slowBehindFast(t *testCase) {
	ex := t.executor(2)
	g := t.gate()
	const fast, n = 300, 400
	acts := slices.Concat(plain(fast), g.waiters(fast, 1), g.markers(fast+1, n-fast-1))
	o := strategies.Options{Order: strategies.CompletionOrder}
	t.receive(stream(ex, slices.Values(acts), o), n, func(at int, d done) {
		t.check(at == n || d.Index != fast, "delivery %d is the slow task", at)
		if at == n-1 {
			g.open()
		}
	})
}

func doneBeforeSlow(t *testCase) {
	ex := t.executor(1)
	for order, size := range cross(orders, []int{1, 20}) {
		g := t.gate()
		acts := slices.Concat(g.markers(0, 10), g.waiters(10, 1), g.markers(11, 5))
		o := strategies.Options{Order: order, Chunk: chunk.Fixed(size)}
		t.receive(stream(ex, slices.Values(acts), o), len(acts), func(at int, _ done) {
			if at == 10 {
				g.open()
			}
		})
	}
}

func noStarvation(t *testCase) {
	const w = 64
	ex := t.executor(2)
	first := make(chan struct{})
	var ended, firstOn atomic.Int64 // firstOn is 1 plus the number of the worker that ended task 0; before that it is 0
	core := ex.Core()
	k := kernel(func(ctx context.Context, i int) (int, error) {
		on := int64(work.PlaceOf(ctx, core).Worker + 1)
		if i == 0 {
			strategies.Blocking(ctx, func() { <-first })
			firstOn.Store(on)
		} else if core.Keeps && on == firstOn.Load() {
			untilDone(ctx) // the worker of task 0 ends no other task
		}
		ended.Add(1)
		return i, nil
	})
	delivered, since := 0, 0
	for i, err := range k.Stream(background, ex, unending, strategies.Options{Order: strategies.CompletionOrder, Window: w}) {
		t.ok(err)
		if i == 0 {
			break
		}
		if delivered++; delivered == 1000 {
			close(first)
			until(func() bool { return firstOn.Load() > 0 })
		}
		if delivered > 1000 {
			if since++; since > 100*w {
				t.Errorf("more than %d outcomes were delivered before one that was done earlier", 100*w)
				break
			}
		}
		// Ensure that there is always another outcome to deliver.
		for ended.Load() < int64(delivered+2) {
			runtime.Gosched()
		}
	}
}
