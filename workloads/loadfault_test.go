package workloads

import (
	"context"
	"errors"
	"reflect"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/workloads/fault"
)

// faulty returns a load like that of the function numbers. In addition, it injects the faults of
// the shape with the given name into the tasks.
func faulty(t *testing.T, shape string, n int, f func(context.Context, int) (int, error)) *load[int, int] {
	l := numbers(t, n, f)
	var err error
	if l.shape, err = fault.Parse(shape); err != nil {
		t.Fatal(err)
	}
	l.faulty, l.params.Seed = inject(l), 7
	if err := l.Inputs(n); err != nil {
		t.Fatal(err)
	}
	return l
}

func pool(t *testing.T, workers int) strategies.Executor {
	ex, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ex.Close() })
	return ex
}

// TestFaultyDirect checks that the direct loop has no set-up and leaks no memory. It also checks
// that a load keeps the memory that tasks of its other jobs leak.
func TestFaultyDirect(t *testing.T) {
	const tasks = 30
	ex, l := pool(t, 2), faulty(t, "setup5000+leak4096", tasks, same)
	process := reflect.ValueOf(l.process).Elem()
	setUp, leaked := process.FieldByName("setUp"), process.FieldByName("leaked")
	digest(t, l, l.Direct(t.Context()))
	if setUp.Uint() != 0 || leaked.Len() != 0 {
		t.Errorf("direct loop: the set-up has result %x, and %d pieces of memory leaked, want neither", setUp.Uint(), leaked.Len())
	}
	for job := 1; job <= 2; job++ {
		digest(t, l, l.Map(t.Context(), ex, strategies.Options{}))
		if setUp.Uint() == 0 || leaked.Len() != job*tasks {
			t.Errorf("job %d: the set-up has result %x, and %d pieces of memory leaked, want a result and one piece per task", job, setUp.Uint(), leaked.Len())
		}
	}
}

// TestFaultyLarge checks when inputs are made. With the shape lazy, each input must be made when
// the stream pulls it. With eager, all inputs must be made before the first task runs. In both
// cases, the memory limit of the shape must hold during the job, but not afterwards.
func TestFaultyLarge(t *testing.T) {
	ex := pool(t, 1)
	const tasks, window = 50, 4
	before := debug.SetMemoryLimit(-1)
	for shape, want := range map[string]int{"lazy2000000": window, "eager2000000": tasks} {
		l := faulty(t, shape, tasks, same)
		digest(t, l, l.Direct(t.Context()))
		// The first task occupies the only worker until the stream has pulled as many inputs as it
		// can before this task has an outcome.
		made, ahead := make(chan int, tasks), 0
		var ran atomic.Int64
		l.Input = func(i, _ int) int {
			if now := int(ran.Load()); l.shape.Inputs == fault.Lazy && i >= now+window {
				t.Errorf("input %d was made when only %d tasks had begun, before the stream could pull it", i, now)
			}
			made <- i
			return i
		}
		first := true
		l.Kernel.Func = func(_ context.Context, i int) (int, error) {
			ran.Add(1)
			if got := debug.SetMemoryLimit(-1); got != 2_000_000 {
				return 0, errors.New("the process does not have the memory limit of the shape")
			}
			if first {
				for first = false; ahead < want; ahead++ {
					<-made
				}
			}
			return i, nil
		}
		digest(t, l, l.Stream(t.Context(), ex, strategies.Options{Window: window}))
		if ahead+len(made) != tasks {
			t.Errorf("shape %s: %d inputs were made, want one for each of %d tasks", shape, ahead+len(made), tasks)
		}
		if got := debug.SetMemoryLimit(-1); got != before {
			t.Errorf("shape %s: after the job the memory limit is still %d, want the limit from before the job", shape, got)
		}
	}
}

// TestFaultyUnplanned checks that each deviation from the fault plan is an error. A task may fail
// that was planned to succeed, a task may succeed that was planned to fail, and a task may be
// planned to end the process of the load.
func TestFaultyUnplanned(t *testing.T) {
	ex := pool(t, 2)
	bad := errors.New("bad")
	fail := faulty(t, "fail64", 64, func(context.Context, int) (int, error) { return 0, bad })
	sound := faulty(t, "fail64", 64, same)
	planned := sound.faulty.(*injector[int, int]).planned
	for i := range planned {
		planned[i] = fault.Plan(fault.Job{}, i, i)
	}
	kill := faulty(t, "kill64", 64, same)
	for want, l := range map[string]*load[int, int]{"was planned to succeed": fail, "were planned to fail": sound, "not as planned": kill} {
		for _, run := range []func() error{
			func() error { return l.Map(t.Context(), ex, strategies.Options{}) },
			func() error { return l.Stream(t.Context(), ex, strategies.Options{}) },
		} {
			if err := run(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("a job that deviates from its plan: got error %v, want %q", err, want)
			}
			if _, err := l.Digest(); err == nil {
				t.Errorf("a job whose error should be %q has a digest, want none", want)
			}
		}
	}
}
