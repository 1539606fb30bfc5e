package strategiestest

import (
	"context"
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
)

var futureRules = []rule{
	{"futures", `A future has the outcome of its task: an output, or an error that names the task. WaitAll
returns the outputs in the order of the futures, and gives the index of each future that failed.`, nil, futures},
	{"futures one by one", `WaitAny returns, and AsCompleted yields, a future as soon as it has its outcome.
WaitFirstError returns at the first failure. The tasks of the other futures go on.`, needs{balances, parallel}, futuresOneByOne},
	{"futures and their waiters", `The context passed to a wait ends only the wait, not the task of the future.
Waits that end early leave no memory behind.`, nil, futureWaiters},
	{"futures nested", `A task may wait for futures of its own executor with every function that waits.`, needs{inside, nests}, futuresNested},
	{"futures refused", `If an executor is closed or refuses a task, the future of the task fails with the error of the executor.`, nil, futuresRefused},
}

// startActs submits each act as a future of executor ex, and returns the futures in the order of
// acts.
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
			"a task that should %s: its future has %s, but the error of WaitAll has %v", a.Do, outcome[done]{out[i], own}, e.Task(i))
	}
	seen := map[int]bool{}
	for i, f := range strategies.AsCompleted(background, fs) {
		t.check(f == fs[i] && !seen[i], "AsCompleted yielded index %d twice, or with the wrong future", i)
		seen[i] = true
		<-f.Done()
	}
	want(t, "futures that AsCompleted yielded", len(seen), len(fs))
	fs = startActs(ex, plain(50))
	t.is("WaitFirstError for futures that succeed", strategies.WaitFirstError(background, fs), nil)
	out, err = strategies.WaitAll(background, fs)
	t.ok(err)
	for i, d := range out {
		want(t, "index in an output of WaitAll", d.Index, i)
	}
	none, err := strategies.WaitAll[done](background, nil)
	want(t, "outputs of WaitAll without futures", len(none), 0)
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
	want(t, "futures that AsCompleted yielded for two futures and a nil future", len(seen), 3)
}

func futuresOneByOne(t *testCase) {
	g := t.gate()
	acts := slices.Concat(g.waiters(0, 1), plain(3))
	acts[2].Do = doError
	ex := t.executor(2)
	fs := startActs(ex, acts)
	i, err := strategies.WaitAny(background, fs)
	t.check(i > 0 && err == nil, "WaitAny while the task of future 0 waits at the gate: got future %d, error %v, want another future and no error", i, err)
	err = strategies.WaitFirstError(background, fs)
	want(t, "task in the error of WaitFirstError", t.taskError("error of WaitFirstError", err).Task, 2)
	var order []int
	for i := range strategies.AsCompleted(background, fs) {
		if order = append(order, i); len(order) == 3 {
			g.open()
		}
	}
	t.check(len(order) == 4 && order[3] == 0, "AsCompleted yielded the futures %v, want future 0 last, whose task waited at the gate", order)
	g = t.gate()
	held := startActs(ex, g.waiters(0, 2))
	g.arrived(2)
	for range strategies.AsCompleted(cancelled, held) {
		t.Errorf("AsCompleted yielded a future whose task still waits at the gate")
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
				"%d workers, two trees of tasks that wait by %q: got %v leaves and error %v, want [81 27] and no error", workers, name, n, err)
		}
	}
}

func futuresRefused(t *testCase) {
	ex := t.executor(1)
	t.ok(ex.Close())
	fs := startActs(ex, plain(3))
	_, err := strategies.WaitAll(background, fs)
	e := t.failedJob(err)
	want(t, "failed futures of a closed executor", e.Failed, 3)
	t.is("error of a future of a closed executor", e.Task(2), strategies.ErrClosed)
	i, err := strategies.WaitAny(background, fs)
	t.check(i == 0 && err == nil, "WaitAny for futures of a closed executor: got future %d, error %v, want future 0 and no error", i, err)
}
