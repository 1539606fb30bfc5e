package strategiestest

import (
	"context"
	"errors"
	"sync"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var nestedRules = []rule{
	{"nested", `A task may use its own executor. Waiting inside a task for sub-tasks of the same
saturated executor ends in progress or an error, never in silence.`, inside | nests, nested},
	{"nested by goroutines of a task", `So may goroutines of a task, each with jobs of its own.`, inside | nests, nestedGoroutines},
	{"nested refused", `A strategy whose tasks cannot wait for its own jobs says so at once.`, inside, nestedRefused},
	{"nested failures", `Failures inside nested jobs come out where they belong.`, inside | nests, nestedFailures},
	{"nested cancel", `Ending a context ends nested jobs at every depth.`, inside | nests, nestedCancel},
}

// tree returns a kernel that counts the leaves of a tree as deep as its input says, by
// nested jobs with three tasks each.
func tree(ex strategies.Executor, leaf func(context.Context) error) strategies.Kernel[int, int] {
	var k strategies.Kernel[int, int]
	k.Func = func(ctx context.Context, depth int) (int, error) {
		if depth == 0 {
			return 1, leaf(ctx)
		}
		sum := 0
		in := []int{depth - 1, depth - 1, depth - 1}
		if depth%2 == 0 {
			out, err := k.Map(ctx, ex, in, strategies.Options{})
			for _, n := range out {
				sum += n
			}
			return sum, err
		}
		var errs []error
		input := func(yield func(int) bool) {
			for _, d := range in {
				if !yield(d) {
					return
				}
			}
		}
		o := strategies.Options{Order: orders[depth/2%2], Window: 2}
		for n, err := range k.Stream(ctx, ex, input, o) {
			sum += n
			if err != nil {
				errs = append(errs, err)
			}
		}
		return sum, errors.Join(errs...)
	}
	k = resumable(k)
	return k
}

func grow(context.Context) error { return nil }

func nested(t *T) {
	for _, workers := range []int{1, 2, 4} {
		ex := t.executor(workers)
		k := tree(ex, grow)
		var wg sync.WaitGroup
		for range 6 { // many at once
			wg.Go(func() {
				in := []int{3, 4, 3, 4, 3, 4}
				out, err := k.Map(context.Background(), ex, in, strategies.Options{Chunk: chunk.Fixed(2)})
				if err != nil {
					t.Errorf("%v", err)
				}
				for i, n := range out {
					want(t, "leaves", n, []int{27, 81}[i%2])
				}
			})
		}
		wg.Wait()
	}
}

func nestedGoroutines(t *T) {
	for _, workers := range []int{1, 3} {
		ex := t.executor(workers)
		k := tree(ex, grow)
		parent := strategies.Kernel[int, int]{Func: func(ctx context.Context, n int) (int, error) {
			sums := make([]int, n)
			var wg sync.WaitGroup
			for i := range sums {
				wg.Go(func() {
					out, err := k.Map(ctx, ex, []int{2, 1}, strategies.Options{})
					if err != nil {
						t.Errorf("%v", err)
					}
					sums[i] = out[0] + out[1]
				})
			}
			wg.Wait()
			sum := 0
			for _, s := range sums {
				sum += s
			}
			return sum, nil
		}}
		out, err := resumable(parent).Map(context.Background(), ex, []int{1, 2, 3, 4, 5, 6}, strategies.Options{})
		t.ok(err)
		for i, n := range out {
			want(t, "leaves", n, 12*(i+1))
		}
	}
}

func nestedFailures(t *T) {
	for _, f := range failuresOf(t.Strategy) {
		for _, workers := range []int{1, 2} {
			ex := t.executor(workers)
			leaf := func(ctx context.Context) error {
				_, err := act(ctx, Act{Do: f.do})
				return err
			}
			for _, depth := range []int{0, 1, 2, 3} {
				_, err := tree(ex, leaf).Map(context.Background(), ex, []int{depth, depth}, strategies.Options{})
				var e *strategies.JobError
				if !errors.As(err, &e) || e.Failed != 2 {
					t.Errorf("tasks that should %s at depth %d: %v", f.do, depth, err)
				}
			}
			t.healthy(ex, workers)
		}
	}
}

func nestedCancel(t *T) {
	for _, workers := range []int{1, 2} {
		ex := t.executor(workers)
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		leaf := func(ctx context.Context) error {
			cancel(ErrAct)
			<-ctx.Done()
			return context.Cause(ctx)
		}
		_, err := tree(ex, leaf).Map(ctx, ex, []int{4, 3, 2, 1}, strategies.Options{})
		if !errors.Is(err, ErrAct) {
			t.Errorf("map ended with %v", err)
		}
		t.healthy(ex, workers)
	}
}

func nestedRefused(t *T) {
	if t.Strategy.Capabilities.Nests {
		return // the cases beside this one hold it to that
	}
	ex := t.executor(2)
	k := tree(ex, grow)
	_, err := k.Map(context.Background(), ex, []int{0, 2, 1, 0}, strategies.Options{})
	var failed *strategies.JobError
	if !errors.As(err, &failed) || failed.Failed != 2 {
		t.Fatalf("%v, want two failed tasks", err)
	}
	for e := range failed.Failures() {
		if !errors.Is(e, strategies.ErrNested) {
			t.Errorf("%v, want ErrNested", e)
		}
	}
}
