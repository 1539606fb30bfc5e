package strategiestest

import (
	"context"
	"errors"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
)

var cancelRules = []rule{
	{"cancel", `When the context ends, tasks that have not started never run; those that ran keep
their outcomes.`, bounded | pairs, cancelMap},
	{"cancel what is queued", `A job whose tasks are queued behind those of others ends when its
context ends, and does not wait for them.`, bounded | pairs, cancelQueued},
	{"tasks that block for ever", `A task that blocks for as long as its context lives ends with its job.`, inside, blockedTasks},
}

func cancelMap(t *testCase) {
	workers := t.workers(2)
	ex := &witness{Executor: t.executor(workers)}
	const n = 1000
	for _, size := range []int{1, 10} {
		g := t.gate()
		ctx, cancel := context.WithCancelCause(background)
		m := mapping(ctx, ex, deafKernel, g.waiters(0, n), chunked(size)) // each worker waits at the gate
		g.arrived(workers)
		started := g.count()
		cancel(errAct)
		until(ex.cancelled)
		g.open()
		e := t.failedJob("map", m.wait())
		t.is("cause", e.Cause, errAct)
		values := 0
		for i, d := range m.out {
			if e.Task(i) == nil {
				values++
				want(t, "output", d.Index, i)
			}
		}
		if !t.can().Processes {
			want(t, "tasks that have outputs, of those that ran", values, g.count())
			want(t, "tasks that ran in the end", g.count(), started)
		} else if values > g.count() || g.count() == n {
			// A worker process may start the tasks that it has, and its running task is ended.
			t.Errorf("%d tasks ran, and %d have outputs", g.count(), values)
		}
	}
	t.healthy(ex, workers)
}

func cancelQueued(t *testCase) {
	workers := t.workers(2)
	ex := t.executor(workers)
	for _, order := range turns(t, orders...) {
		g := t.gate()
		before := mapping(background, ex, actKernel, g.waiters(0, 10*workers), strategies.Options{})
		g.arrived(workers)
		ctx, cancel := context.WithCancelCause(background)
		m := mapping(ctx, ex, actKernel, g.markers(1000, 10), strategies.Options{})
		pulled := make(chan struct{})
		s := async(func() error {
			input := func(yield func(act) bool) {
				if yield(g.markers(2000, 1)[0]) {
					close(pulled)
					slices.Values(g.markers(2001, 10))(yield)
				}
			}
			n := 0
			for _, err := range actKernel.Stream(ctx, ex, input, strategies.Options{Order: order, Window: 5}) {
				n++
				t.is("delivery", err, errAct)
			}
			if n == 0 {
				return errors.New("stream delivered nothing")
			}
			return nil
		})
		<-pulled
		cancel(errAct)
		t.is("map", m.wait(), errAct)
		t.ok(s.wait())
		want(t, "tasks that ran", g.count(), workers)
		g.open()
		t.ok(before.wait())
	}
}

func blockedTasks(t *testCase) {
	workers := t.workers(2)
	ex := t.executor(workers)
	for _, entry := range jobEntries {
		g := t.gate()
		ctx, cancel := context.WithCancelCause(background)
		go func() {
			g.arrived(1)
			cancel(errAct)
		}()
		errs := errorsOf(ctx, ex, g.waiters(0, 50), strategies.Options{Window: 4}, entry)
		if len(errs) == 0 || !errors.Is(errs[len(errs)-1], errAct) {
			t.Errorf("%s of tasks that block ended with %v", entry, errs)
		}
		_, err := actKernel.Go(ctx, ex, act{}, strategies.Options{}).Wait(background)
		t.is("future whose context has ended", err, errAct)
	}
	t.healthy(ex, workers)
}
