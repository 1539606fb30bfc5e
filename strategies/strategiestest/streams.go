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
	{"window", `The input of a stream may be lazy and endless. One goroutine at a time pulls it. In both
orders, the number of pulled tasks is at most the number of delivered tasks plus the window.`, nil, window},
	{"slow consumer", `A stream pulls its input only as fast as its consumer takes outcomes. A
slow consumer still gets all outcomes.`, nil, slowConsumer},
	{"input order", `In input order, a stream delivers the outcome of a task as soon as this task and all
earlier tasks are done.`, needs{parallel}, inputOrder},
	{"completion order", `In completion order, a stream delivers the outcome of a task as soon as this task is done.`, needs{parallel}, completionOrder},
	{"slow behind fast", `In completion order, a slow task after many fast tasks delays no later
task, because other workers run the later tasks.`, needs{balances, parallel}, slowBehindFast},
	{"done before slow", `Even with one worker, a stream delivers the outcome of a finished task while a later task runs.`, nil, doneBeforeSlow},
	{"no starvation", `In completion order, no outcome waits long for its delivery, even if the
stream always has newer outcomes to deliver.`, needs{inside, balances, parallel}, noStarvation},
}

func window(t *testCase) {
	ex := t.executor(2)
	for order, w := range cross(orders, []int{1, 2, 3, 8, 100}) {
		for _, size := range []int{1, w} {
			var pulled, delivered atomic.Int64
			check := func(when string, p, d int64) {
				t.check(p <= d+int64(w),
					"%v order, window %d, at a %s: the stream had pulled %d tasks and delivered %d, want a difference of at most the window", order, w, when, p, d)
			}
			input := endless(t, &pulled, func(i int) act {
				// The consumer may not have counted the last delivery yet.
				check("pull", pulled.Load(), delivered.Load()+1)
				return plainAct(i)
			})
			o := strategies.Options{Order: order, Window: w, Chunk: chunk.Fixed(size)}
			for at, d := range t.first(stream(ex, input, o), 40+4*w) {
				delivered.Store(int64(at))
				check("delivery", pulled.Load(), int64(at))
				t.check(order != strategies.InputOrder || d.Index == at-1, "input order, window %d: delivery %d is the outcome of task %d, want the task with the number of the delivery", w, at-1, d.Index)
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
				// The window is full, except for one delivery of which the producer may not know
				// yet.
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
		want(t, "task of a delivery in input order", d.Index, at-1)
		if at == 1 {
			within(t, "tasks that had run before the first delivery", g.count(), behind, n)
		}
	})
	// The outcomes of tasks before a slow task do not wait for the slow task.
	g = t.gate()
	acts = slices.Concat(g.markers(0, 5), g.waiters(5, 1), g.markers(6, 5))
	t.receive(stream(ex, slices.Values(acts), strategies.Options{}), len(acts), func(at int, d done) {
		want(t, "task of a delivery before a slow task", d.Index, at-1)
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
			"completion order: delivery %d is the outcome of task %d; want task 0 after all tasks that can run while it waits", at, d.Index)
		if at == behind-1 {
			g.open()
		}
	})
}

// behind returns how many of n tasks, task 0 included, two workers can begin while task 0 waits. If
// idle workers take tasks from busy ones, the result is n. Otherwise it is 2: the first task of
// each worker.
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
		t.check(at == n || d.Index != fast, "delivery %d is the outcome of the slow task, want it last", at)
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
	var ended, firstOn atomic.Int64 // firstOn is 0 until task 0 has ended, then 1 plus the number of its worker
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
				t.Errorf("the stream delivered more than %d outcomes after the end of task 0, but not the outcome of task 0", 100*w)
				break
			}
		}
		// Wait until the stream has another outcome to deliver.
		for ended.Load() < int64(delivered+2) {
			runtime.Gosched()
		}
	}
}
