package strategiestest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var misuseRules = []rule{
	{"policies", `The unit of outcome is the task, whatever the chunk policy: every one that has a name gives
identical outcomes, in maps and streams.`, 0, policies},
	{"long streams", `A stream of a million tasks has flat memory, in both orders.`, inside, longStreams},
	{"nothing to run on or from", `A job without a context, an executor, an input or a function is refused before any
work, in every entry point.`, 0, nothingThere},
	{"never read", `A stream that nobody ranges over does nothing, and one that is left at once leaves
nothing behind.`, 0, neverRead},
	{"nothing to do", `What an executor refuses it refuses for an empty input too.`, 0, nothingToDo},
	{"tasks that block for ever", `A task that blocks for as long as its context lives ends with its job.`, inside, blockedTasks},
}

func policies(t *T) {
	ex := t.executor(2)
	acts := t.every(200)
	var first []string
	for _, size := range append([]chunk.Policy{nil, chunk.Fixed(1 << 20)}, chunk.All()...) {
		what := fmt.Sprint("chunk ", size)
		out, jobErr := t.results(ex, acts, strategies.Options{Chunk: size})
		words := make([]string, len(acts))
		for i, d := range out {
			words[i] = told(d, taskOf(jobErr, i))
		}
		if first == nil {
			first = words
		}
		t.same("map with "+what, words, first)
		o := strategies.Options{Chunk: size, Window: 50}
		if _, fixed := size.(chunk.Fixed); fixed {
			o.Window = 1 << 20
		}
		words = make([]string, len(acts))
		n := 0
		for d, err := range ActKernel.Stream(context.Background(), ex, slices.Values(acts), o) {
			words[n] = told(d, err)
			n++
		}
		want(t, "deliveries", n, len(acts))
		t.same("stream with "+what, words, first)
	}
}

func longStreams(t *T) {
	const n, looks = 1_000_000, 4
	ex := t.executor(2)
	k := strategies.Kernel[int, [4]int]{
		Func:  func(_ context.Context, i int) ([4]int, error) { return [4]int{i}, nil },
		Begin: func(_ context.Context, i int, _ strategies.Events, end func([4]int, error)) { end([4]int{i}, nil) },
	}
	for _, order := range orders {
		var first int64
		at := 0
		for v, err := range k.Stream(context.Background(), ex, upTo(n), strategies.Options{Order: order, Chunk: chunk.Fixed(64)}) {
			if err != nil || order == strategies.InputOrder && v[0] != at {
				t.Fatalf("%v order: delivery %d is %v, %v", order, at, v, err)
			}
			at++
			if at%(n/looks) != n/looks/2 {
				continue
			}
			now := heap()
			if first == 0 {
				first = now
			} else if now-first > 1<<20 {
				t.Errorf("%v order: the heap grew by %d bytes up to task %d", order, now-first, at)
			}
		}
		want(t, "deliveries", at, n)
	}
}

// upTo yields 0 up to n.
func upTo(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
	}
}

func nothingThere(t *T) {
	ctx := context.Background()
	ex := t.executor(1)
	g := t.gate()
	acts := g.markers(0, 3)
	_, err := ActKernel.Map(ctx, nil, acts, strategies.Options{})
	t.refused("", "executor", err)
	t.refused("", "executor", ActKernel.MapInto(ctx, nil, acts, make([]Done, 3), strategies.Options{}))
	t.refused("", "executor", streamError(t, nil, ActKernel, acts, strategies.Options{}))
	t.refused("", "executor", ActKernel.Drain(ctx, nil, slices.Values(acts), strategies.Options{}))
	_, err = ActKernel.Go(ctx, nil, acts[0], strategies.Options{}).Wait(ctx)
	t.refused("", "executor", err)
	empty := strategies.Kernel[Act, Done]{Name: ActKernel.Name}
	t.refused("", "kernel", empty.Drain(ctx, ex, slices.Values(acts), strategies.Options{}))
	var none context.Context
	_, err = ActKernel.Map(none, ex, acts, strategies.Options{})
	t.refused("", "ctx", err)
	t.refused("", "ctx", ActKernel.Drain(none, ex, slices.Values(acts), strategies.Options{}))
	_, err = ActKernel.Go(none, ex, acts[0], strategies.Options{}).Wait(ctx)
	t.refused("", "ctx", err)
	n := 0
	for _, err := range ActKernel.Stream(ctx, ex, nil, strategies.Options{}) {
		t.refused("", "in", err)
		n++
	}
	want(t, "elements of a stream without input", n, 1)
	t.refused("", "in", ActKernel.Drain(ctx, ex, strategies.Fallible[Act](nil), strategies.Options{}))
	want(t, "tasks that ran", g.count(), 0)
}

func nothingToDo(t *T) {
	ctx := context.Background()
	ex := t.executor(1)
	out, err := ActKernel.Map(ctx, ex, nil, strategies.Options{FailFast: true, Hooks: &strategies.Hooks{Progress: func(strategies.Progress) {}}})
	t.ok(err)
	want(t, "outputs", len(out), 0)
	if !t.Strategy.Capabilities.Retries {
		_, err = ActKernel.Map(ctx, ex, nil, strategies.Options{Retries: 1})
		t.refused(t.Strategy.Name, "retries", err)
	}
	t.ok(ex.Close())
	_, err = ActKernel.Map(ctx, ex, nil, strategies.Options{})
	want(t, "error of an empty map after Close", err, strategies.ErrClosed)
}

func neverRead(t *T) {
	ex := t.executor(2)
	for _, order := range orders {
		var pulled atomic.Int64
		o := strategies.Options{Order: order, Window: 8}
		s := ActKernel.Stream(context.Background(), ex, endless(t, &pulled, plainAct), o)
		want(t, "tasks pulled of a stream that nobody reads", pulled.Load(), 0)
		for range 20 {
			for range s {
				break
			}
		}
		if p := pulled.Load(); p > 20*(8+1) {
			t.Errorf("%d tasks pulled by 20 who left at once", p)
		}
	}
	t.healthy(ex, 2)
}

func blockedTasks(t *T) {
	workers := t.workers(2)
	ex := t.executor(workers)
	for sort := range 3 {
		g := t.gate()
		acts := g.waiters(0, 50)
		ctx, cancel := context.WithCancelCause(context.Background())
		go func() {
			g.arrived(1)
			cancel(ErrAct)
		}()
		var err error
		if sort == 0 {
			_, err = ActKernel.Map(ctx, ex, acts, strategies.Options{})
		} else {
			for _, e := range ActKernel.Stream(ctx, ex, slices.Values(acts), strategies.Options{Order: orders[sort-1], Window: 4}) {
				err = e
			}
		}
		if !errors.Is(err, ErrAct) {
			t.Errorf("job %d of tasks that block ended with %v", sort, err)
		}
		f := ActKernel.Go(ctx, ex, Act{}, strategies.Options{})
		if _, err := f.Wait(context.Background()); !errors.Is(err, ErrAct) {
			t.Errorf("a future whose context has ended: %v", err)
		}
	}
	t.healthy(ex, workers)
}
