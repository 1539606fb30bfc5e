package strategiestest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

var nestedRules = []rule{
	{"nested", `A task may wait for a job of its own executor. The wait never hangs, even if all workers
run such tasks.`, needs{inside, nests}, nested},
	{"nested in a goroutine of a task", `Each goroutine that a task starts may submit a job to the executor of the task, and wait for it.`, needs{inside, nests}, nestedGoroutines},
	{"nested refused", `If a strategy does not nest jobs, an executor refuses a job of one of its
own tasks at once, with ErrNested.`, needs{inside, refuses}, nestedRefused},
	{"nested failures", `A task may return the error of a nested job, so failures reach the outermost job. The executor keeps all workers.`, needs{inside, nests}, nestedFailures},
	{"nested cancel", `If a context ends, all jobs nested in jobs with this context end, at every depth.`, needs{inside, nests}, nestedCancel},
	{"futures from outside", `A task may wait for a future that other code has submitted to the
executor of the task. The wait returns the outcome or ErrNested, and never hangs.`, needs{inside}, futuresFromOutside},
	{"nested through another", `A task of executor A may wait for a task of executor B, and that
task may wait for a job of executor A. Both waits return the outcome or ErrNested, and never hang.`, needs{inside}, nestedThroughAnother},
}

// tree returns a kernel whose tasks form a tree: a task with input depth runs a nested job of three
// tasks with input depth-1 and waits for them. A task with input 0 calls the function leaf. The
// output of a task is the number of tasks with input 0 below it, or 1 for such a task.
func tree(ex strategies.Executor, leaf func(context.Context) error) (k strategies.Kernel[int, int]) {
	k = kernel(func(ctx context.Context, depth int) (int, error) {
		if depth == 0 {
			return 1, leaf(ctx)
		}
		in := slices.Repeat([]int{depth - 1}, 3)
		if depth%2 == 0 {
			out, err := k.Map(ctx, ex, in, strategies.Options{})
			return total(out), err
		}
		return sum(k.Stream(ctx, ex, slices.Values(in), strategies.Options{Order: orders[depth/2%2], Window: 2}))
	})
	return k
}

// grow is the function of the innermost tasks in a tree of nested tasks. It does nothing.
func grow(context.Context) error { return nil }

// sum adds up the outputs of a stream. It returns the sum, and the errors of the stream joined into
// one.
func sum(stream iter.Seq2[int, error]) (sum int, err error) {
	for n, e := range stream {
		sum += n
		err = errors.Join(err, e)
	}
	return sum, err
}

func nested(t *testCase) {
	for _, workers := range []int{1, 2, 4} {
		ex := t.executor(workers)
		k := tree(ex, grow)
		var wg sync.WaitGroup
		for range 6 { // more maps at once than workers
			wg.Go(func() {
				out, err := k.Map(background, ex, []int{3, 4, 3, 4, 3, 4}, chunked(2))
				t.is("map of trees of nested jobs", err, nil)
				for i, n := range out {
					want(t, "leaves of a tree", n, []int{27, 81}[i%2])
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
					t.is("nested map of a goroutine that a task started", err, nil)
					sums[i] = total(out)
				})
			}
			wg.Wait()
			return total(sums), nil
		})
		out, err := parent.Map(background, ex, []int{1, 2, 3, 4, 5, 6}, strategies.Options{})
		t.ok(err)
		for i, n := range out {
			want(t, "leaves of the trees of a task", n, 12*(i+1))
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
			t.check(e.Failed == len(depths), "trees of depths %[2]v whose leaves should %[1]s: got error %[3]v, want a failure of every tree", f.do, depths, e)
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
		t.is("map with nested jobs whose context ends", err, errAct)
		t.healthy(ex, workers)
	}
}

func nestedRefused(t *testCase) {
	ex := t.executor(2)
	e := mapFails(t, ex, tree(ex, grow), []int{0, 2, 1, 0}, strategies.Options{})
	want(t, "tasks that failed", e.Failed, 2)
	for e := range e.Failures() {
		t.is("error of a task that waits for a job of its own executor", e, strategies.ErrNested)
	}
}

// waits are the ways to wait for several futures, by name. Each function returns the sum of their
// outputs.
var waits = map[string]func(context.Context, []*strategies.Future[int]) (int, error){
	"wait": sumOf,
	"all": func(ctx context.Context, fs []*strategies.Future[int]) (int, error) {
		out, err := strategies.WaitAll(ctx, fs)
		return total(out), err
	},
	"any": func(ctx context.Context, fs []*strategies.Future[int]) (int, error) {
		for rest := slices.Clone(fs); len(rest) > 0; {
			i, err := strategies.WaitAny(ctx, rest)
			if err != nil {
				return 0, err
			}
			rest = slices.Delete(rest, i, i+1)
		}
		return sumOf(ctx, fs)
	},
	"first error": func(ctx context.Context, fs []*strategies.Future[int]) (int, error) {
		if err := strategies.WaitFirstError(ctx, fs); err != nil {
			return 0, err
		}
		return sumOf(ctx, fs)
	},
	"as completed": func(ctx context.Context, fs []*strategies.Future[int]) (int, error) {
		var completed []*strategies.Future[int]
		for _, f := range strategies.AsCompleted(ctx, fs) {
			completed = append(completed, f)
		}
		return sumOf(ctx, completed)
	},
}

// sumOf waits for the futures one after another. It returns the sum of their outputs, and their
// errors joined into one.
func sumOf(ctx context.Context, fs []*strategies.Future[int]) (int, error) {
	return sum(func(yield func(int, error) bool) {
		for _, f := range fs {
			yield(f.Wait(ctx))
		}
	})
}

func total(numbers []int) (sum int) {
	for _, n := range numbers {
		sum += n
	}
	return sum
}

// progress checks the result of a task that waited for its own executor: the output got and the
// error err. The failure message begins with subject. The result must be:
//
//   - if the strategy nests jobs: the output want and no error;
//   - otherwise: ErrNested, or for an unbounded strategy also the output want.
func (t *testCase) progress(subject string, got, want int, err error) {
	t.Helper()
	c := t.can()
	refused := !c.Nests && errors.Is(err, strategies.ErrNested)
	ran := (c.Nests || c.Unbounded) && err == nil && got == want // an unbounded executor may finish before the wait
	t.check(refused || ran, "%s: got %d, error %v; want %d if the strategy nests jobs (it does: %v), otherwise ErrNested", subject, got, err, want, c.Nests)
}

func futuresFromOutside(t *testCase) {
	ex := t.executor(1)
	for name, wait := range waits {
		running, submitted := make(chan bool), make(chan []*strategies.Future[int])
		outer := kernel(func(ctx context.Context, _ int) (int, error) {
			running <- true
			return wait(ctx, <-submitted)
		})
		// behind submits futures while a task of outer occupies the only worker, so they are queued
		// behind it.
		behind := func() []*strategies.Future[int] {
			<-running
			fs := start(background, ex, identity, []int{1, 2, 3}, strategies.Options{})
			submitted <- fs
			return fs
		}
		m := mapping(background, ex, outer, []int{0}, strategies.Options{})
		fs := behind()
		err := m.wait()
		t.progress("task of a map that waits by "+name, m.out[0], 6, err)
		_, err = strategies.WaitAll(background, fs)
		t.ok(err)

		f := outer.Go(background, ex, 0, strategies.Options{})
		fs = behind()
		n, err := f.Wait(background)
		t.progress("future that waits by "+name, n, 6, err)
		_, err = strategies.WaitAll(background, fs)
		t.ok(err)
	}
}

func nestedThroughAnother(t *testCase) {
	ex := t.executor(1)
	other, err := catalog.Named("pool").New(background, catalog.Config{Workers: 2})
	t.ok(err)
	defer other.Close()
	in := []int{1, 2, 3}
	ways := map[string]func(context.Context, int) (int, error){
		"map": func(ctx context.Context, _ int) (int, error) {
			out, err := identity.Map(ctx, ex, in, strategies.Options{})
			return total(out), err
		},
		"stream": func(ctx context.Context, _ int) (int, error) {
			return sum(identity.Stream(ctx, ex, slices.Values(in), strategies.Options{Window: 2}))
		},
		"futures": func(ctx context.Context, _ int) (int, error) {
			return sumOf(ctx, start(ctx, ex, identity, in, strategies.Options{}))
		},
	}
	for name, run := range ways {
		middle := kernel(run)
		outer := kernel(func(ctx context.Context, _ int) (int, error) {
			out, err := middle.Map(ctx, other, []int{0, 0, 0}, strategies.Options{})
			n, e := middle.Go(ctx, other, 0, strategies.Options{}).Wait(ctx)
			return total(out) + n, errors.Join(err, e)
		})
		n, err := outer.Go(background, ex, 0, strategies.Options{}).Wait(background)
		t.progress(name+" in a future", n, 24, err)
		out := []int{0}
		err = outer.MapInto(background, ex, []int{0}, out, strategies.Options{})
		t.progress(name+" in a map", out[0], 24, err)
	}
}
