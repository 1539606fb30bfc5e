package strategiestest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
)

var futureRules = []rule{
	{"futures", `A future has its task's one outcome: a value, or an error that knows its task.
Who waits for all of many gets the outputs in their places and every failure by its place.`, 0, futures},
	{"futures one by one", `Who waits for any, for the first error, or for each as it completes is
told as soon as that is so, and the others go on.`, parallel | balances, futuresOneByOne},
	{"futures and their waiters", `How long a caller waits is up to its context; the task is not
disturbed, and who waits again and again leaves nothing behind.`, 0, futureWaiters},
	{"futures nested", `A task may wait for futures of its own executor, all of them, any, or each
as it completes.`, inside | nests, futuresNested},
	{"futures refused", `What an executor refuses, and use after Close, is the outcome of a
future.`, 0, futuresRefused},
}

// start submits acts one by one.
func start(ex strategies.Executor, acts []Act) []*strategies.Future[Done] {
	var futures []*strategies.Future[Done]
	for _, a := range acts {
		futures = append(futures, ActKernel.Go(context.Background(), ex, a, strategies.Options{}))
	}
	return futures
}

func futures(t *T) {
	ex := t.executor(2)
	ctx := context.Background()
	acts := t.every(100)
	fs := start(ex, acts)
	out, err := strategies.WaitAll(ctx, fs)
	var jobErr *strategies.JobError
	if !errors.As(err, &jobErr) {
		t.Fatalf("waiting for all, of which some fail: %v", err)
	}
	for i, a := range acts {
		_, own := fs[i].Wait(ctx)
		if (jobErr.Task(i) == nil) != (own == nil) || (own == nil) != (a.Do == "") || own == nil && out[i].Index != i {
			t.Errorf("a task that should %s: %s by its future, %v in the error of all", a.Do, told(out[i], own), jobErr.Task(i))
		}
	}
	seen := map[int]bool{}
	for i, f := range strategies.AsCompleted(ctx, fs) {
		if f != fs[i] || seen[i] {
			t.Errorf("future %d: yielded at a wrong place, or twice", i)
		}
		seen[i] = true
		<-f.Done()
	}
	want(t, "futures as completed", len(seen), len(fs))
	fs = start(ex, plain(50))
	if err := strategies.WaitFirstError(ctx, fs); err != nil {
		t.Errorf("first error of futures that succeed: %v", err)
	}
	out, err = strategies.WaitAll(ctx, fs)
	t.ok(err)
	for i, d := range out {
		want(t, "output", d.Index, i)
	}
	none, err := strategies.WaitAll[Done](ctx, nil)
	want(t, "outputs of no futures", len(none), 0)
	t.ok(err)
	t.ok(strategies.WaitFirstError[Done](ctx, nil))
	_, err = strategies.WaitAny[Done](ctx, nil)
	t.refused("", "futures", err)
}

func futuresOneByOne(t *T) {
	ctx := context.Background()
	g := t.gate()
	acts := slices.Concat(g.waiters(0, 1), plain(3))
	workers := 2
	if !t.Strategy.Capabilities.Balances {
		workers = len(acts) // none waits behind the first
	}
	ex := t.executor(workers)
	acts[2].Do = Error
	fs := start(ex, acts)
	i, err := strategies.WaitAny(ctx, fs)
	if i <= 0 || err != nil {
		t.Errorf("waiting for any while the first is held: %d, %v", i, err)
	}
	var te *strategies.TaskError
	if err := strategies.WaitFirstError(ctx, fs); !errors.As(err, &te) || te.Task != 2 {
		t.Errorf("waiting for the first error, of task 2: %v", err)
	}
	var order []int
	for i := range strategies.AsCompleted(ctx, fs) {
		if order = append(order, i); len(order) == 3 {
			g.open()
		}
	}
	if len(order) != 4 || order[3] != 0 {
		t.Errorf("futures completed in order %v though the first was held", order)
	}
	g = t.gate()
	held := start(ex, g.waiters(0, 2))
	g.arrived(2)
	for range strategies.AsCompleted(cancelled, held) {
		t.Errorf("a future that is held was yielded")
	}
	g.open()
	_, err = strategies.WaitAll(ctx, held)
	t.ok(err)
}

func futureWaiters(t *T) {
	const n = 20_000
	ex := t.executor(1)
	g := t.gate()
	held := start(ex, g.waiters(0, 1))
	g.arrived(1)
	before := heap()
	for range n {
		_, err := held[0].Wait(cancelled)
		want(t, "error of a wait that was given up", err, context.Canceled)
		_, err = strategies.WaitAny(cancelled, held)
		want(t, "error of a wait for any", err, context.Canceled)
		_, err = strategies.WaitAll(cancelled, held)
		want(t, "error of a wait for all", err, context.Canceled)
		want(t, "error of a wait for the first error", strategies.WaitFirstError(cancelled, held), context.Canceled)
		held[0].Done()
	}
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("%d waits that were given up left %d bytes", 5*n, grown)
	}
	select {
	case <-held[0].Done():
		t.Errorf("the task was disturbed")
	default:
	}
	g.open()
	_, err := strategies.WaitAll(context.Background(), held)
	t.ok(err)
}

// heap returns the bytes that are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func futuresNested(t *T) {
	for _, workers := range []int{1, 3} {
		ex := t.executor(workers)
		for _, w := range waits {
			var tree strategies.Kernel[int, int]
			tree.Func = func(ctx context.Context, depth int) (int, error) {
				if depth == 0 {
					return 1, nil
				}
				var fs []*strategies.Future[int]
				for range 3 {
					fs = append(fs, tree.Go(ctx, ex, depth-1, strategies.Options{}))
				}
				return w.wait(ctx, fs)
			}
			n, err := strategies.WaitAll(context.Background(), []*strategies.Future[int]{
				tree.Go(context.Background(), ex, 4, strategies.Options{}), tree.Go(context.Background(), ex, 3, strategies.Options{}),
			})
			if fmt.Sprint(n) != "[81 27]" || err != nil {
				t.Errorf("%d workers, waiting by %q: leaves of trees are %v, %v", workers, w.name, n, err)
			}
		}
	}
}

func futuresRefused(t *T) {
	ex := t.executor(1)
	ctx := context.Background()
	_, err := (strategies.Kernel[Act, Done]{Name: ActKernel.Name}).Go(ctx, ex, Act{}, strategies.Options{}).Wait(ctx)
	t.refused("", "kernel", err)
	t.ok(ex.Close())
	fs := start(ex, plain(3))
	_, err = strategies.WaitAll(ctx, fs)
	var jobErr *strategies.JobError
	if !errors.As(err, &jobErr) || jobErr.Failed != 3 || !errors.Is(jobErr.Task(2), strategies.ErrClosed) {
		t.Errorf("futures of a closed executor: %v", err)
	}
	if i, err := strategies.WaitAny(ctx, fs); i != 0 || err != nil {
		t.Errorf("any of the futures of a closed executor: %d, %v", i, err)
	}
}
