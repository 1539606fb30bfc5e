package strategiestest

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var countRules = []rule{
	{"counts", `Submitted = succeeded + failed + cancelled + running at every quiet point, over maps,
streams and futures, whatever becomes of them.`, 0, counts},
}

// counted reports a failure unless the executor's counts are these, in which tasks without an
// outcome are Running whether or not they are on a worker.
func (t *T) counted(ex strategies.Executor, what string, c strategies.Counts) {
	t.t.Helper()
	got := ex.Counts()
	workers := int64(ex.Core().Workers)
	if got.Running < min(workers, c.Running) || got.Running > workers && !t.Strategy.Capabilities.Unbounded && !t.Strategy.Capabilities.Resumes {
		t.Errorf("%s: %d tasks running on %d workers, of %d without an outcome", what, got.Running, workers, c.Running)
	}
	got.Running, got.Queued = got.Running+got.Queued, 0
	if got != c {
		t.Errorf("%s: the counts are %+v, should be %+v", what, got, c)
	}
}

func counts(t *T) {
	workers := t.workers(2)
	ex := t.executor(workers)
	ctx := context.Background()
	var c strategies.Counts
	t.counted(ex, "before all", c)

	const n = 100
	acts := t.every(n)
	bad := (n + 2) / 3
	t.results(ex, acts, strategies.Options{Chunk: chunk.Fixed(7)})
	c.Submitted, c.Succeeded, c.Failed = n, int64(n-bad), int64(bad)
	t.counted(ex, "after a map", c)
	for sort := range 3 {
		runWith(ex, acts, strategies.Options{Window: 10}, sort)
		c.Submitted, c.Succeeded, c.Failed = c.Submitted+n, c.Succeeded+int64(n-bad), c.Failed+int64(bad)
		t.counted(ex, "after another job", c)
	}

	g := t.gate()
	ending, cancel := context.WithCancelCause(ctx)
	mapped := make(chan error)
	go func() {
		_, err := ActKernel.Map(ending, ex, g.waiters(0, n), strategies.Options{})
		mapped <- err
	}()
	g.arrived(workers)
	held := c
	held.Submitted, held.Running = c.Submitted+n, n
	t.counted(ex, "while a map is held", held)
	cancel(ErrAct)
	if t.processes() {
		g.open() // contexts do not reach them
	}
	err := <-mapped
	var e *strategies.JobError
	if !errors.As(err, &e) {
		t.Fatalf("map ended with %v", err)
	}
	c.Submitted, c.Cancelled, c.Failed = c.Submitted+n, c.Cancelled+int64(e.Skipped), c.Failed+int64(e.Failed)
	c.Succeeded += int64(n - e.Skipped - e.Failed)
	t.counted(ex, "after a map that was cancelled", c)

	for _, order := range orders {
		var pulled atomic.Int64
		delivered := 0
		for range ActKernel.Stream(ctx, ex, endless(t, &pulled, plainAct), strategies.Options{Order: order, Window: 10}) {
			if delivered++; delivered == n {
				break
			}
		}
		got := ex.Counts()
		want(t, "tasks submitted by a stream that was left", got.Submitted-c.Submitted, pulled.Load())
		want(t, "sum of what became of them", got.Succeeded+got.Failed+got.Cancelled, got.Submitted)
		if got.Succeeded-c.Succeeded < n || got.Running != 0 {
			t.Errorf("after a stream that was left: %+v", got)
		}
		c = got
	}
	for range ActKernel.Stream(cancelled, ex, slices.Values(plain(n)), strategies.Options{}) {
	}
	got := ex.Counts()
	want(t, "sum after a stream that was cancelled before", got.Succeeded+got.Failed+got.Cancelled, got.Submitted)
	c = got

	strategies.WaitAll(ctx, start(ex, acts))
	c.Submitted, c.Succeeded, c.Failed = c.Submitted+n, c.Succeeded+int64(n-bad), c.Failed+int64(bad)
	t.counted(ex, "after futures", c)
	g = t.gate()
	fs := start(ex, g.waiters(0, workers))
	g.arrived(workers)
	queued := start(ex, g.waiters(workers, 5))
	for _, f := range queued {
		f.Cancel()
		f.Wait(ctx)
	}
	if t.Strategy.Capabilities.Unbounded { // they may have started
		ran := ex.Counts().Failed - c.Failed
		c.Failed, c.Cancelled = c.Failed+ran, c.Cancelled-ran
	}
	c.Submitted, c.Cancelled, c.Running = c.Submitted+int64(workers+5), c.Cancelled+5, int64(workers)
	t.counted(ex, "while futures are held, and five were cancelled", c)
	g.open()
	_, err = strategies.WaitAll(ctx, fs)
	t.ok(err)
	c.Succeeded, c.Running = c.Succeeded+int64(workers), 0
	t.counted(ex, "after these", c)
	t.ok(ex.Close())
	t.refuses(ex)
	t.counted(ex, "after Close", c)
}

// refuses submits to a closed executor in every way.
func (t *T) refuses(ex strategies.Executor) {
	t.t.Helper()
	ctx := context.Background()
	_, err := ActKernel.Map(ctx, ex, plain(3), strategies.Options{})
	want(t, "error of a map on a closed executor", err, strategies.ErrClosed)
	want(t, "error of a stream on it", streamError(t, ex, ActKernel, plain(3), strategies.Options{}), strategies.ErrClosed)
	_, err = ActKernel.Go(ctx, ex, Act{}, strategies.Options{}).Wait(ctx)
	if !errors.Is(err, strategies.ErrClosed) {
		t.Errorf("a future of a closed executor: %v", err)
	}
}
