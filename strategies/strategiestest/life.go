package strategiestest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
)

var lifeRules = []rule{
	{"close", `Close refuses new jobs with ErrClosed, and waits until all accepted jobs have ended.`, needs{pairs}, closeFinishes},
	{"stop", `Stop cancels all tasks that have not started. Every task without an outcome fails with ErrClosed.`, needs{bounded, pairs}, stopResolves},
	{"stop in this process", `Stop ends the contexts of all running tasks, in maps and streams. It waits
until these tasks have returned or its own context has ended.`, needs{inside, bounded}, stopInside},
	{"close and stop while idle", `Several goroutines may call Close and Stop at once, any number of times, even before any job.`, needs{pairs}, endIdle},
	{"close and stop while others submit", `Several goroutines may call Close and Stop at once while others submit jobs. A submitted job
then returns ErrClosed; its caller does not panic or hang.`, needs{pairs}, endBusy},
}

func closeFinishes(t *testCase) {
	ex := t.executor(2)
	g := t.gate()
	m := mapping(background, ex, actKernel, g.waiters(0, 20), strategies.Options{})
	g.arrived(1)
	closing := async(ex.Close)
	until(func() bool {
		_, err := actKernel.Map(cancelled, ex, plain(1), strategies.Options{})
		return errors.Is(err, strategies.ErrClosed)
	})
	if closing.ended() {
		t.Fatalf("Close returned while tasks of an accepted job still run")
	}
	g.open()
	err := m.wait()
	t.check(err == nil && m.out[19].Index == 19, "the job that was accepted before Close: got error %v or a missing output, want all outputs", err)
	t.ok(closing.wait())
	t.closed(ex, plain(3))
	t.ok(ex.Close())
	t.ok(ex.Stop(background))
}

func stopResolves(t *testCase) {
	const n = 100
	for _, order := range turns(t, orders...) {
		workers := t.workers(2)
		ex := t.executor(workers)
		g := t.gate()
		m := mapping(background, ex, actKernel, g.waiters(0, n), strategies.Options{})
		g.arrived(workers)
		s := async(func() (last error) {
			for _, err := range stream(ex, slices.Values(g.waiters(n, n)), strategies.Options{Order: order, Window: 10}) {
				last = err
				t.check(err != nil, "a task of the stream has an output, but the gate at which it waits is closed")
			}
			return last
		})
		t.ok(ex.Stop(background))
		t.is("last error of a stream after Stop", s.wait(), strategies.ErrClosed)
		e := t.failedJob(m.wait())
		t.is("cause in the error of a map after Stop", e.Cause, strategies.ErrClosed)
		for i := range n {
			t.check(e.Task(i) != nil, "task %d has an output, but the gate at which it waits is closed", i)
		}
		want(t, "tasks that started", g.count(), workers)
		t.ok(ex.Stop(cancelled))
		t.ok(ex.Close())
	}
}

func stopInside(t *testCase) {
	const workers = 2
	for _, listens := range []bool{true, false} {
		ex := t.executor(workers)
		release := make(chan struct{})
		var started, listened atomic.Int64
		k := kernel(func(ctx context.Context, _ int) (int, error) {
			started.Add(1)
			if !listens {
				strategies.Blocking(ctx, func() { <-release })
				return 0, nil
			}
			untilDone(ctx)
			listened.Add(1)
			return 0, context.Cause(ctx)
		})
		m := mapping(background, ex, k, numbers(4), strategies.Options{})
		until(func() bool { return started.Load() == int64(t.workers(workers)) })
		if listens {
			t.ok(ex.Stop(background))
			want(t, "tasks that saw their context end", listened.Load(), started.Load())
		} else {
			t.is("error of Stop while running tasks ignore their context", ex.Stop(cancelled), context.Canceled)
			close(release)
		}
		t.is("map after Stop", m.wait(), strategies.ErrClosed)
	}
}

// end calls Close and Stop of ex several times, on several goroutines at once.
func (t *testCase) end(ex strategies.Executor) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if i%2 == 0 {
				t.ok(ex.Close())
			} else {
				t.ok(ex.Stop(background))
			}
		})
	}
	wg.Wait()
}

func endIdle(t *testCase) {
	for range 5 {
		t.end(t.executor(2))
		ex := t.executor(2)
		t.allSucceed(ex, plain(10), strategies.Options{}, asFutures)
		t.is("error of Stop on an idle executor, with a context that has ended", ex.Stop(cancelled), nil)
	}
}

func endBusy(t *testCase) {
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
					err := t.submit(ex, i)
					ran.Add(1)
					if errors.Is(err, strategies.ErrClosed) {
						return
					}
					// Stop may kill a worker process while the process runs a task.
					if _, lost := errors.AsType[*strategies.LostError](err); err != nil && !(lost && t.can().Processes) {
						t.Errorf("a job that was submitted during Close and Stop: got error %v, want ErrClosed", err)
						return
					}
				}
			})
		}
		until(func() bool { return ran.Load() >= int64(round) })
		// The endless streams end only by a Stop, so Close returns only after a Stop.
		t.end(ex)
		wg.Wait()
	}
}

// submit runs a job and returns its error. If submitter is a multiple of 3, the job is a short map;
// otherwise it is an endless stream.
func (t *testCase) submit(ex strategies.Executor, submitter int) (err error) {
	if submitter%3 == 0 {
		_, err = actKernel.Map(background, ex, plain(5), strategies.Options{})
		return err
	}
	o := strategies.Options{Order: orders[submitter%2], Window: 8}
	for _, e := range stream(ex, endless(t, new(atomic.Int64), plainAct), o) {
		err = e
	}
	return err
}
