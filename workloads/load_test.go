package workloads

import (
	"context"
	"errors"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// numbers returns a load of n tasks. The input of each task is its number, and the kernel applies
// f.
func numbers(t *testing.T, n int, f func(context.Context, int) (int, error)) *load[int, int] {
	l := &load[int, int]{Typed: Typed[int, int]{
		Kernel: strategies.Kernel[int, int]{Name: "numbers", Func: f},
		Input:  func(i, _ int) int { return i },
		Number: func(i int) (int, uint64) { return i, uint64(i) },
	}}
	if err := l.Inputs(n); err != nil {
		t.Fatal(err)
	}
	return l
}

func same(_ context.Context, i int) (int, error) { return i, nil }

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name   string
		out    []int // outcomes that replace those of the job
		placed bool
		want   OutcomeError // the error of Digest; the zero value means no error
	}{
		{"in place", []int{0, 1, 2, 3}, true, OutcomeError{}},
		{"in another order", []int{3, 1, 0, 2}, false, OutcomeError{}},
		{"exchanged", []int{0, 2, 1, 3}, true, OutcomeError{2, 1, "wrong position; the position of an outcome must be its task number"}},
		{"missing", []int{0, 1, 0, 3}, true, OutcomeError{0, 2, "wrong position; the position of an outcome must be its task number"}},
		{"twice", []int{3, 1, 1, 0}, false, OutcomeError{1, 2, "this task already has an outcome"}},
		{"no such task", []int{0, 1, 4, 3}, false, OutcomeError{4, 2, "no task has this number, because the job has only 4 tasks"}},
		{"negative", []int{-1, 1, 2, 3}, true, OutcomeError{-1, 0, "no task has this number, because the job has only 4 tasks"}},
	} {
		l := numbers(t, len(c.out), same)
		if err := l.Direct(t.Context()); err != nil {
			t.Fatal(err)
		}
		copy(l.last.out, c.out)
		l.last.placed = c.placed
		_, err := l.Digest()
		var got *OutcomeError
		switch {
		case c.want == OutcomeError{}:
			if err != nil {
				t.Errorf("outcomes (%s): got error %v, want none", c.name, err)
			}
		case !errors.As(err, &got) || *got != c.want:
			t.Errorf("outcomes (%s): got error %v, want %v", c.name, err, &c.want)
		}
	}
}

// TestMixedUp checks that Digest detects a kernel that mixes up its tasks, in every way to run a
// job.
func TestMixedUp(t *testing.T) {
	ex, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	l := numbers(t, 10, func(_ context.Context, i int) (int, error) { return max(i, 1), nil })
	for name, run := range map[string]func() error{
		"direct":     func() error { return l.Direct(t.Context()) },
		"map":        func() error { return l.Map(t.Context(), ex, strategies.Options{}) },
		"input":      func() error { return l.Stream(t.Context(), ex, strategies.Options{}) },
		"completion": func() error { return l.Stream(t.Context(), ex, strategies.Options{Order: strategies.CompletionOrder}) },
	} {
		if err := run(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if sum, err := l.Digest(); err == nil {
			t.Errorf("%s with mixed-up tasks: got digest %x, want an error", name, sum)
		}
	}
}

// TestDigestOnce checks that a digest belongs to one job. If a job has stored no outcomes, Digest
// must return an error, even if the previous job stored correct outcomes.
func TestDigestOnce(t *testing.T) {
	l := numbers(t, 5, same)
	if _, err := l.Digest(); err != errNoJob {
		t.Errorf("digest before any job: got error %v, want errNoJob", err)
	}
	want := digest(t, l, l.Direct(t.Context()))
	if got := digest(t, l, nil); got != want {
		t.Errorf("second call of Digest: got %x, want %x", got, want)
	}
	l.last.ran = true // pretend that a job has run, but produced no outcomes
	if _, err := l.Digest(); err == nil {
		t.Error("a job without outcomes has a digest, want an error")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := l.Direct(t.Context()); err != errNoInputs {
		t.Errorf("direct loop after Close: got error %v, want errNoInputs", err)
	}
}

func TestFailures(t *testing.T) {
	broken := errors.New("broken")
	ex, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	l := numbers(t, 100, func(_ context.Context, i int) (int, error) {
		if i == 70 {
			return 0, broken
		}
		return i, nil
	})
	for name, run := range map[string]func() error{
		"direct": func() error { return l.Direct(t.Context()) },
		"map":    func() error { return l.Map(t.Context(), ex, strategies.Options{}) },
		"stream": func() error { return l.Stream(t.Context(), ex, strategies.Options{}) },
	} {
		err := run()
		var task *strategies.TaskError
		if !errors.Is(err, broken) || !errors.As(err, &task) || task.Task != 70 {
			t.Errorf("%s with a task that fails: got error %v, want a TaskError of task 70", name, err)
		}
		if _, err := l.Digest(); !errors.Is(err, broken) {
			t.Errorf("%s: digest of a failed job: got error %v, want the error of the job", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Direct(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("direct loop with a cancelled context: got error %v, want context.Canceled", err)
	}
}

func TestInputs(t *testing.T) {
	l := numbers(t, 1, same)
	for _, n := range []int{-1, 0, work.MaxTasks + 1} {
		if err := l.Inputs(n); err == nil {
			t.Errorf("Inputs for %d tasks: no error", n)
		}
	}
}

// loop returns a native strategy (one that runs whole jobs itself) which runs all tasks in a loop.
// The job returns the first error of a task or, if no task fails, the argument err.
func loop(err error) *catalog.Native {
	return &catalog.Native{
		Name: "loop",
		Map: func(_ context.Context, n int, task func(int) error) error {
			for i := range n {
				if e := task(i); e != nil {
					return e
				}
			}
			return err
		},
		Stream: func(_ context.Context, n int, task func(int) func()) error {
			for i := range n {
				task(i)()
			}
			return err
		},
	}
}

// TestNative checks that Digest works for native strategies, which run whole jobs themselves, in
// the same way as for all other strategies.
func TestNative(t *testing.T) {
	l := numbers(t, 10, same)
	if err := l.Direct(t.Context()); err != nil {
		t.Fatal(err)
	}
	want, err := l.Digest()
	if err != nil {
		t.Fatal(err)
	}
	bad := errors.New("bad")
	wrong := numbers(t, 10, func(_ context.Context, i int) (int, error) {
		if i == 5 {
			return i, bad
		}
		return i, nil
	})
	o := strategies.Options{Chunk: chunk.Fixed(1)}
	for name, run := range map[string]func(l *load[int, int], n *catalog.Native) error{
		"map":    func(l *load[int, int], n *catalog.Native) error { return l.Map(t.Context(), n, o) },
		"stream": func(l *load[int, int], n *catalog.Native) error { return l.Stream(t.Context(), n, o) },
		"stamps": func(l *load[int, int], n *catalog.Native) error { return l.Stamped(t.Context(), n, o) },
	} {
		if err := run(l, loop(nil)); err != nil {
			t.Errorf("%s of a native strategy: got error %v, want none", name, err)
		}
		if got, err := l.Digest(); err != nil || got != want {
			t.Errorf("%s of a native strategy: got digest %x, error %v; want %x", name, got, err, want)
		}
		if err := run(l, loop(bad)); !errors.Is(err, bad) {
			t.Errorf("%s of a native strategy that fails: got error %v, want its error", name, err)
		}
		if err := run(wrong, loop(nil)); !errors.Is(err, bad) {
			t.Errorf("%s with a task that fails: got error %v, want the error of the task", name, err)
		}
		if _, err := wrong.Digest(); err == nil {
			t.Errorf("a failed %s has a digest, want an error", name)
		}
	}
	l.Digest() // ends the failed job, so that the next digest is of another job
	short := loop(nil)
	short.Map = func(context.Context, int, func(int) error) error { return nil }
	short.Stream = func(context.Context, int, func(int) func()) error { return nil }
	if err := l.Map(t.Context(), short, o); err != nil {
		t.Error(err)
	}
	var oe *OutcomeError
	if _, err := l.Digest(); !errors.As(err, &oe) {
		t.Errorf("digest of a native map that runs no task: got error %v, want an OutcomeError", err)
	}
	if err := l.Stream(t.Context(), short, o); err == nil {
		t.Error("a native stream that delivers nothing has no error, want one")
	}
}

// prepare returns a load of w with parameters p and n tasks. It closes the load at the end of the
// test.
func prepare(t testing.TB, w Workload, p Params, n int) Load {
	t.Helper()
	l, err := w.New(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := l.Inputs(n); err != nil {
		t.Fatal(err)
	}
	return l
}

func digest(t *testing.T, l Load, err error) uint64 {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	sum, err := l.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// TestLook checks that Digest returns the error of the function Look, if Look returns one.
func TestLook(t *testing.T) {
	l := numbers(t, 5, same)
	looked := errors.New("looked")
	l.Look = func([]int) (map[string]float64, error) { return nil, looked }
	if err := l.Direct(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Digest(); err != looked {
		t.Errorf("digest of a job whose Look fails: got error %v, want the error of Look", err)
	}
}
