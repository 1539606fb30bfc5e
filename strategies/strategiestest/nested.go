package strategiestest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/payoff-bench/payoff/strategies"
)

var nestedRules = []rule{
	{"nested", `A task may use its own executor. Waiting inside a task for sub-tasks of the same
saturated executor ends in progress or an error, never in silence.`, inside | nests, nested},
	{"nested by goroutines of a task", `Goroutines of a task may use its executor too, each with jobs of
its own.`, inside | nests, nestedGoroutines},
	{"nested refused", `A strategy whose tasks cannot wait for its own jobs says so at once.`, inside, nestedRefused},
	{"nested failures", `Failures inside nested jobs become failures of the tasks that wait for them.`, inside | nests, nestedFailures},
	{"nested cancel", `Ending a context ends nested jobs at every depth.`, inside | nests, nestedCancel},
}

// tree returns a kernel that counts the leaves of a tree as deep as its input says, by
// nested jobs with three tasks each.
func tree(ex strategies.Executor, leaf func(context.Context) error) strategies.Kernel[int, int] {
	var k strategies.Kernel[int, int]
	k.Func = func(ctx context.Context, depth int) (sum int, err error) {
		if depth == 0 {
			return 1, leaf(ctx)
		}
		in := []int{depth - 1, depth - 1, depth - 1}
		if depth%2 == 0 {
			out, err := k.Map(ctx, ex, in, strategies.Options{})
			return total(out), err
		}
		o := strategies.Options{Order: orders[depth/2%2], Window: 2}
		for n, e := range k.Stream(ctx, ex, slices.Values(in), o) {
			sum += n
			err = errors.Join(err, e)
		}
		return sum, err
	}
	k = resumable(k)
	return k
}

func grow(context.Context) error { return nil }

func nested(t *testCase) {
	for _, workers := range []int{1, 2, 4} {
		ex := t.executor(workers)
		k := tree(ex, grow)
		var wg sync.WaitGroup
		for range 6 { // many at once
			wg.Go(func() {
				out, err := k.Map(background, ex, []int{3, 4, 3, 4, 3, 4}, chunked(2))
				t.is("map", err, nil)
				for i, n := range out {
					want(t, "leaves", n, []int{27, 81}[i%2])
				}
			})
		}
		wg.Wait()
	}
}

func nestedGoroutines(t *testCase) {
	for _, workers := range []int{1, 3} {
		ex := t.executor(workers)
		k := tree(ex, grow)
		parent := kernel(func(ctx context.Context, n int) (int, error) {
			sums := make([]int, n)
			var wg sync.WaitGroup
			for i := range sums {
				wg.Go(func() {
					out, err := k.Map(ctx, ex, []int{2, 1}, strategies.Options{})
					t.is("map", err, nil)
					sums[i] = total(out)
				})
			}
			wg.Wait()
			return total(sums), nil
		})
		out, err := parent.Map(background, ex, []int{1, 2, 3, 4, 5, 6}, strategies.Options{})
		t.ok(err)
		for i, n := range out {
			want(t, "leaves", n, 12*(i+1))
		}
	}
}

func nestedFailures(t *testCase) {
	for _, workers := range []int{1, 2} {
		ex := t.executor(workers)
		for _, f := range t.failures() {
			leaf := func(ctx context.Context) error {
				_, err := perform(ctx, act{Do: f.do})
				return err
			}
			depths := []int{0, 1, 2, 3}
			e := mapFails(t, ex, tree(ex, leaf), depths, strategies.Options{})
			t.check(e.Failed == len(depths), "tasks that should %s at depths %v: %v", f.do, depths, e)
			t.healthy(ex, workers)
		}
	}
}

func nestedCancel(t *testCase) {
	for _, workers := range []int{1, 2} {
		ex := t.executor(workers)
		ctx, cancel := context.WithCancelCause(background)
		defer cancel(nil)
		leaf := func(ctx context.Context) error {
			cancel(errAct)
			<-ctx.Done()
			return context.Cause(ctx)
		}
		_, err := tree(ex, leaf).Map(ctx, ex, []int{4, 3, 2, 1}, strategies.Options{})
		t.is("map", err, errAct)
		t.healthy(ex, workers)
	}
}

func nestedRefused(t *testCase) {
	if t.can().Nests {
		return // the other cases hold it to that
	}
	ex := t.executor(2)
	e := mapFails(t, ex, tree(ex, grow), []int{0, 2, 1, 0}, strategies.Options{})
	want(t, "tasks that failed", e.Failed, 2)
	for e := range e.Failures() {
		t.is("task that waits for its own executor", e, strategies.ErrNested)
	}
}
