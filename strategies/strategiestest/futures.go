package strategiestest

import (
	"context"
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
)

var futureRules = []rule{
	{"futures", `A future has the outcome of its task: an output, or an error that names the task. WaitAll
returns the outputs in the order of the futures, and each failure with the index of its future.`, nil, futures},
	{"futures one by one", `WaitAny, WaitFirstError and AsCompleted return as soon as a future resolves
that decides their result. The other tasks go on.`, needs{balances, parallel}, futuresOneByOne},
	{"futures and their waiters", `The context of a caller bounds its wait and does not affect the task. Waits that
end early leave no memory behind.`, nil, futureWaiters},
	{"futures nested", `A task may wait for futures of its own executor in every way.`, needs{inside, nests}, futuresNested},
	{"futures refused", `If an executor refuses a task or is closed, the future has the error as its outcome.`, nil, futuresRefused},
}

// startActs submits each act as a future.
func startActs(ex strategies.Executor, acts []act) []*strategies.Future[done] {
	return start(background, ex, actKernel, acts, strategies.Options{})
}

func futures(t *testCase) {
	ex := t.executor(2)
	acts := t.mixed(100)
	fs := startActs(ex, acts)
	out, err := strategies.WaitAll(background, fs)
	e := t.failedJob(err)
	for i, a := range acts {
		_, own := fs[i].Wait(background)
		t.check((e.Task(i) == nil) == (own == nil) && (own == nil) == (a.Do == "") && (own != nil || out[i].Index == i),
			"a task that should %s: %s by its future, %v in the error of all", a.Do, outcome[done]{out[i], own}, e.Task(i))
	}
	seen := map[int]bool{}
	for i, f := range strategies.AsCompleted(background, fs) {
		t.check(f == fs[i] && !seen[i], "future %d: yielded with the index of another future, or twice", i)
		seen[i] = true
		<-f.Done()
	}
	want(t, "futures as completed", len(seen), len(fs))
	fs = startActs(ex, plain(50))
	t.is("first error of futures that succeed", strategies.WaitFirstError(background, fs), nil)
	out, err = strategies.WaitAll(background, fs)
	t.ok(err)
	for i, d := range out {
		want(t, "output", d.Index, i)
	}
	none, err := strategies.WaitAll[done](background, nil)
	want(t, "outputs of no futures", len(none), 0)
	t.ok(err)
	t.ok(strategies.WaitFirstError[done](background, nil))
	_, err = strategies.WaitAny[done](background, nil)
	t.refused("", "futures", err)
	seen = map[int]bool{}
	for i, f := range strategies.AsCompleted(background, []*strategies.Future[done]{fs[0], nil, startActs(ex, plain(1))[0]}) {
		if _, err := f.Wait(background); i == 1 {
			t.refused("", "futures[1]", err)
		} else {
			t.ok(err)
		}
		seen[i] = true
	}
	want(t, "futures with a nil one as completed", len(seen), 3)
}

func futuresOneByOne(t *testCase) {
	g := t.gate()
	acts := slices.Concat(g.waiters(0, 1), plain(3))
	acts[2].Do = doError
	ex := t.executor(2)
	fs := startActs(ex, acts)
	i, err := strategies.WaitAny(background, fs)
	t.check(i > 0 && err == nil, "waiting for any while the first is at the gate: %d, %v", i, err)
	err = strategies.WaitFirstError(background, fs)
	want(t, "task of the first error", t.taskError("first error", err).Task, 2)
	var order []int
	for i := range strategies.AsCompleted(background, fs) {
		if order = append(order, i); len(order) == 3 {
			g.open()
		}
	}
	t.check(len(order) == 4 && order[3] == 0, "futures completed in order %v although the first was at the gate", order)
	g = t.gate()
	held := startActs(ex, g.waiters(0, 2))
	g.arrived(2)
	for range strategies.AsCompleted(cancelled, held) {
		t.Errorf("AsCompleted yielded a future whose task is at the gate")
	}
	g.open()
	_, err = strategies.WaitAll(background, held)
	t.ok(err)
}

func futureWaiters(t *testCase) {
	const n = 10_000
	ex := t.executor(1)
	g := t.gate()
	held := startActs(ex, g.waiters(0, 1))
	g.arrived(1)
	before := heap()
	for range n {
		_, one := held[0].Wait(cancelled)
		_, any := strategies.WaitAny(cancelled, held)
		_, all := strategies.WaitAll(cancelled, held)
		first := strategies.WaitFirstError(cancelled, held)
		for _, err := range []error{one, any, all, first} {
			want(t, "error of a wait with a cancelled context", err, context.Canceled)
		}
		held[0].Done()
	}
	t.flatSince(fmt.Sprint(5*n, " waits that ended early"), before, 1<<19)
	g.open()
	_, err := strategies.WaitAll(background, held)
	t.ok(err)
}

func futuresNested(t *testCase) {
	for _, workers := range []int{1, 3} {
		ex := t.executor(workers)
		for name, wait := range waits {
			var tree strategies.Kernel[int, int]
			tree.Func = func(ctx context.Context, depth int) (int, error) {
				if depth == 0 {
					return 1, nil
				}
				return wait(ctx, start(ctx, ex, tree, slices.Repeat([]int{depth - 1}, 3), strategies.Options{}))
			}
			n, err := strategies.WaitAll(background, start(background, ex, tree, []int{4, 3}, strategies.Options{}))
			t.check(fmt.Sprint(n) == "[81 27]" && err == nil,
				"%d workers, waiting by %q: leaves of trees are %v, %v", workers, name, n, err)
		}
	}
}

func futuresRefused(t *testCase) {
	ex := t.executor(1)
	t.ok(ex.Close())
	fs := startActs(ex, plain(3))
	_, err := strategies.WaitAll(background, fs)
	e := t.failedJob(err)
	want(t, "futures of a closed executor that failed", e.Failed, 3)
	t.is("future of a closed executor", e.Task(2), strategies.ErrClosed)
	i, err := strategies.WaitAny(background, fs)
	t.check(i == 0 && err == nil, "any of the futures of a closed executor: %d, %v", i, err)
}
