package strategiestest

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
)

var countRules = []rule{
	{"counts", `Submitted = succeeded + failed + cancelled + queued + running at every quiet point, over maps,
streams and futures, however they end.`, 0, counts},
}

// counted reports a failure unless the executor's counts are these, in which all tasks without
// an outcome are Running, queued ones too.
func (t *testCase) counted(ex strategies.Executor, what string, c strategies.Counts) {
	t.Helper()
	got := ex.Counts()
	workers := int64(ex.Core().Workers)
	t.check(got.Running >= min(workers, c.Running) && (got.Running <= workers || t.can().Unbounded || t.can().Resumes),
		"%s: %d tasks running on %d workers, of %d without an outcome", what, got.Running, workers, c.Running)
	got.Running, got.Queued = got.Running+got.Queued, 0
	want(t, "counts "+what, got, c)
}

// add adds tasks with an outcome to counts.
func add(c *strategies.Counts, succeeded, failed, cancelled int) {
	c.Submitted += int64(succeeded + failed + cancelled)
	c.Succeeded += int64(succeeded)
	c.Failed += int64(failed)
	c.Cancelled += int64(cancelled)
}

func counts(t *testCase) {
	workers := t.workers(2)
	ex := t.executor(workers)
	var c strategies.Counts
	t.counted(ex, "before all", c)

	const n = 100
	acts := t.mixed(n)
	bad := failing(acts)
	for size, e := range cross([]int{1, 7}, allEntries) {
		o := chunked(size)
		o.Window = 10
		outcomes(t, ex, actKernel, acts, o, e)
		add(&c, n-bad, bad, 0)
		t.counted(ex, "after a job as "+string(e), c)
	}

	g := t.gate()
	ctx, cancel := context.WithCancelCause(background)
	m := mapping(ctx, ex, actKernel, g.waiters(0, n), strategies.Options{})
	g.arrived(workers)
	held := c
	held.Submitted, held.Running = c.Submitted+n, n
	t.counted(ex, "while a map is held", held)
	cancel(errAct)
	if t.can().Processes {
		g.open() // contexts do not reach them
	}
	e := t.failedJob(m.wait())
	add(&c, n-e.Failed-e.Skipped, e.Failed, e.Skipped)
	t.counted(ex, "after a map that was cancelled", c)

	for _, order := range orders {
		var pulled atomic.Int64
		o := strategies.Options{Order: order, Window: 10}
		t.receive(stream(ex, endless(t, &pulled, plainAct), o), func(at int, _ done) bool { return at < n })
		got := ex.Counts()
		want(t, "tasks submitted by a stream that was left", got.Submitted-c.Submitted, pulled.Load())
		t.check(got.Succeeded-c.Succeeded >= n && got.Succeeded+got.Failed+got.Cancelled == got.Submitted && got.Running == 0,
			"after a stream that was left: %+v", got)
		c = got
	}
	for range actKernel.Stream(cancelled, ex, slices.Values(plain(n)), strategies.Options{}) {
	}
	c = ex.Counts()
	want(t, "sum after a stream that was cancelled before", c.Succeeded+c.Failed+c.Cancelled, c.Submitted)

	g = t.gate()
	fs := startActs(ex, g.waiters(0, workers))
	g.arrived(workers)
	for _, f := range startActs(ex, g.waiters(workers, 5)) {
		f.Cancel()
		f.Wait(background)
	}
	ran := 0
	if t.can().Unbounded { // they may have started
		ran = int(ex.Counts().Failed - c.Failed)
	}
	add(&c, 0, ran, 5-ran)
	held = c
	held.Submitted, held.Running = c.Submitted+int64(workers), int64(workers)
	t.counted(ex, "while futures are held, and five were cancelled", held)
	g.open()
	_, err := strategies.WaitAll(background, fs)
	t.ok(err)
	add(&c, workers, 0, 0)
	t.counted(ex, "after these", c)
	t.ok(ex.Close())
	t.closed(ex, plain(3))
	t.counted(ex, "after Close", c)
}
