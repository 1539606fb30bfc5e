package strategies

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Every task of a map has exactly one outcome, even if tasks fail, the context ends, or the executor
// is stopped.
func TestMapAgainstItsModel(t *testing.T) {
	for _, p := range []int{1, 2, 4} {
		t.Run(fmt.Sprintf("GOMAXPROCS=%d", p), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(p))
			rapid.Check(t, checkMap)
		})
	}
}

func checkMap(t *rapid.T) {
	n := rapid.SampledFrom([]int{0, 1, 2, 5, 50, 300}).Draw(t, "n")
	index := rapid.IntRange(0, max(n-1, 0))
	fail := rapid.MapOfN(index, rapid.IntRange(1, 4), 0, min(n, 20)).Draw(t, "fail")
	never := rapid.Just(-1)
	cancelAt := rapid.OneOf(never, index).Draw(t, "cancel in task")
	stopAt := rapid.OneOf(never, index).Draw(t, "stop in task")
	o := Options{
		Chunk:    chunk.Fixed(rapid.IntRange(1, n+1).Draw(t, "chunk")),
		FailFast: rapid.IntRange(0, 3).Draw(t, "fail fast") == 0,
	}
	ex := Pool(rapid.IntRange(1, 4).Draw(t, "workers"))
	defer ex.Close()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	ran := make([]atomic.Int32, n)
	stopped := make(chan error, 1)
	kernel := Kernel[int, int]{Func: func(_ context.Context, i int) (int, error) {
		ran[i].Add(1)
		if i == cancelAt {
			cancel(errCancel)
		}
		if i == stopAt {
			go func() { stopped <- ex.Stop(context.Background()) }()
		}
		if i%7 == 0 {
			runtime.Gosched()
		}
		switch fail[i] {
		case 1:
			return 0, errCancel
		case 2:
			panic(i)
		case 3:
			runtime.Goexit()
		case 4:
			defer panic(i)
			runtime.Goexit()
		}
		return i + 1, nil
	}}
	out, err := kernel.Map(ctx, ex, slices.Collect(count(n)), o)
	var e *JobError
	if err != nil && !errors.As(err, &e) {
		t.Fatal(err)
	}
	for i := range n {
		times := ran[i].Load()
		var outcome error
		if e != nil {
			outcome = e.Task(i)
		}
		switch {
		case times > 1:
			t.Errorf("task %d ran %d times", i, times)
		case times == 1 && (outcome != nil) != (fail[i] != 0):
			t.Errorf("task %d ran: %v", i, outcome)
		case times == 0 && (outcome == nil || e.Cause == nil || !errors.Is(outcome, e.Cause)):
			t.Errorf("task %d did not run: %v", i, outcome)
		case (outcome == nil) != (out[i] == i+1):
			t.Errorf("task %d has output %d and error %v", i, out[i], outcome)
		}
	}
	if stopAt >= 0 && stopAt < n && ran[stopAt].Load() > 0 {
		if err := <-stopped; err != nil {
			t.Errorf("stop: %v", err)
		}
	}
	if e != nil && e.Cause != nil && cancelAt < 0 && stopAt < 0 && !o.FailFast {
		t.Errorf("the job has cause %v, but nothing cancelled it", e.Cause)
	}
}

func TestJobErrorFindsTasks(t *testing.T) {
	one, six := &TaskError{Task: 1, Err: errCancel}, &TaskError{Task: 6, Err: ErrGoexit}
	e := &JobError{failed: []*TaskError{one, six}, skipped: []work.Span{{Lo: 2, Hi: 4}, {Lo: 8, Hi: 9}}, Cause: ErrClosed}
	for i := range 10 {
		err := e.Task(i)
		switch i {
		case 1, 6:
			if err != one && err != six {
				t.Errorf("task %d: %v", i, err)
			}
		case 2, 3, 8:
			if !errors.Is(err, ErrClosed) {
				t.Errorf("task %d: %v", i, err)
			}
		default:
			if err != nil {
				t.Errorf("task %d: %v", i, err)
			}
		}
	}
	var failures []int
	for task := range e.Failures() {
		if task.Err != e.Task(task.Task).(*TaskError).Err {
			t.Errorf("failure of task %d: %v", task.Task, task)
		}
		failures = append(failures, task.Task)
	}
	if want := []int{1, 2, 3, 6, 8}; !slices.Equal(failures, want) {
		t.Errorf("failures of tasks %v, want %v", failures, want)
	}
	for range e.Failures() {
		break
	}
	for _, target := range []error{errCancel, ErrGoexit, ErrClosed} {
		if !errors.Is(e, target) {
			t.Errorf("errors.Is does not find %v", target)
		}
	}
}
