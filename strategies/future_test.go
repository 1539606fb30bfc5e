package strategies_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// each runs test on an executor of every strategy whose workers are goroutines, except the event
// loop.
func each(t *testing.T, test func(t *testing.T, ex strategies.Executor)) {
	for _, s := range catalog.Goroutines() {
		t.Run(s.Name, func(t *testing.T) {
			if s.Capabilities.Resumes {
				t.Skip("needs kernels with a resumable form")
			}
			ex, err := s.New(t.Context(), catalog.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer ex.Close()
			test(t, ex)
		})
	}
}

var squares = strategies.NewKernel("square", square)

func TestFutures(t *testing.T) {
	each(t, func(t *testing.T, ex strategies.Executor) {
		futures := make([]*strategies.Future[int], 1000)
		for i := range futures {
			futures[i] = squares.Go(t.Context(), ex, i, strategies.Options{})
		}
		for i, f := range futures {
			if v, err := f.Wait(t.Context()); v != i*i || err != nil {
				t.Errorf("future %d: %d, %v", i, v, err)
			}
			<-f.Done()
		}
	})
}

func TestFutureFailures(t *testing.T) {
	boom := errors.New("boom")
	each(t, func(t *testing.T, ex strategies.Executor) {
		for name, c := range map[string]struct {
			task func(context.Context, int) (int, error)
			is   func(error) bool
		}{
			"error":  {func(context.Context, int) (int, error) { return 1, boom }, func(err error) bool { return errors.Is(err, boom) }},
			"panic":  {func(context.Context, int) (int, error) { panic(boom) }, func(err error) bool { return errors.Is(err, boom) }},
			"goexit": {func(context.Context, int) (int, error) { runtime.Goexit(); return 1, nil }, func(err error) bool { return errors.Is(err, strategies.ErrGoexit) }},
		} {
			v, err := (strategies.Kernel[int, int]{Func: c.task}).Go(t.Context(), ex, 1, strategies.Options{}).Wait(t.Context())
			var e *strategies.TaskError
			if v != 0 || !errors.As(err, &e) || !c.is(err) {
				t.Errorf("%s: %d, %v", name, v, err)
			}
		}
		if v, err := squares.Go(t.Context(), ex, 3, strategies.Options{}).Wait(t.Context()); v != 9 || err != nil {
			t.Errorf("after the failures: %d, %v", v, err)
		}
		if _, err := (strategies.Kernel[int, int]{}).Go(t.Context(), ex, 1, strategies.Options{}).Wait(t.Context()); !errors.As(err, new(*strategies.OptionError)) {
			t.Errorf("a kernel without a function: %v", err)
		}
	})
}

// blocked returns futures whose tasks keep every worker busy until the caller calls the function
// open.
func blocked(t *testing.T, ex strategies.Executor) (futures []*strategies.Future[int], open func()) {
	n := ex.Core().Workers
	arrived, gate := make(chan bool), make(chan struct{})
	wait := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (_ int, err error) {
		strategies.Blocking(ctx, func() {
			arrived <- true
			select {
			case <-gate:
			case <-ctx.Done():
				err = context.Cause(ctx)
			}
		})
		return i, err
	}}
	for i := range n {
		futures = append(futures, wait.Go(t.Context(), ex, i, strategies.Options{}))
	}
	for range n {
		<-arrived
	}
	return futures, func() { close(gate) }
}

func TestFutureCancel(t *testing.T) {
	each(t, func(t *testing.T, ex strategies.Executor) {
		busy, open := blocked(t, ex)
		queued := (strategies.Kernel[int, int]{Func: func(context.Context, int) (int, error) {
			t.Error("a cancelled task ran")
			return 0, nil
		}}).Go(t.Context(), ex, 1, strategies.Options{})
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := queued.Wait(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("Wait with an ended context: %v", err)
		}
		queued.Cancel()
		if _, err := queued.Wait(t.Context()); !errors.Is(err, strategies.ErrCancelled) {
			t.Errorf("a task cancelled before its start: %v", err)
		}
		busy[0].Cancel()
		if _, err := busy[0].Wait(t.Context()); !errors.Is(err, strategies.ErrCancelled) && !errors.Is(err, context.Canceled) {
			t.Errorf("a task cancelled while it ran: %v", err)
		}
		open()
		for i, f := range busy[1:] {
			if v, err := f.Wait(t.Context()); v != i+1 || err != nil {
				t.Errorf("another task: %d, %v", v, err)
			}
		}
	})
}

func TestFutureNested(t *testing.T) {
	each(t, func(t *testing.T, ex strategies.Executor) {
		var fib strategies.Kernel[int, int]
		fib.Func = func(ctx context.Context, n int) (int, error) {
			if n < 2 {
				return n, nil
			}
			a, b := fib.Go(ctx, ex, n-1, strategies.Options{}), fib.Go(ctx, ex, n-2, strategies.Options{})
			x, err := a.Wait(ctx)
			if err != nil {
				return 0, err
			}
			y, err := b.Wait(ctx)
			return x + y, err
		}
		v, err := fib.Go(t.Context(), ex, 15, strategies.Options{}).Wait(t.Context())
		if (v != 610 || err != nil) && !errors.Is(err, strategies.ErrNested) {
			t.Errorf("fib(15): %d, %v", v, err)
		}
	})
}

func TestFutureClosed(t *testing.T) {
	each(t, func(t *testing.T, ex strategies.Executor) {
		busy, _ := blocked(t, ex)
		var queued []*strategies.Future[int]
		for i := range 100 {
			queued = append(queued, squares.Go(t.Context(), ex, i, strategies.Options{}))
		}
		busy[0].Cancel() // frees a worker
		for _, f := range busy[1:] {
			f.Cancel()
		}
		if err := ex.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		for i, f := range queued {
			if v, err := f.Wait(t.Context()); !errors.Is(err, strategies.ErrClosed) && (v != i*i || err != nil) {
				t.Errorf("queued %d: %d, %v", i, v, err)
			}
		}
		if _, err := squares.Go(t.Context(), ex, 1, strategies.Options{}).Wait(t.Context()); !errors.Is(err, strategies.ErrClosed) {
			t.Errorf("after Stop: %v", err)
		}
	})
}

func TestTaskContext(t *testing.T) {
	each(t, func(t *testing.T, ex strategies.Executor) {
		type key struct{}
		ctx := context.WithValue(t.Context(), key{}, 7)
		look := strategies.Kernel[int, int]{Func: func(ctx context.Context, _ int) (int, error) {
			child, cancel := context.WithCancel(ctx)
			cancel()
			if ctx.Err() != nil || child.Err() == nil {
				return 0, errors.New("the context of the task has ended")
			}
			return ctx.Value(key{}).(int), nil
		}}
		if v, err := look.Go(ctx, ex, 0, strategies.Options{}).Wait(t.Context()); v != 7 || err != nil {
			t.Errorf("%d, %v", v, err)
		}
	})
}

func TestWaitOfAnEndedContext(t *testing.T) {
	cause := errors.New("the cause")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	for range 20 {
		for _, d := range []time.Duration{-1, 0, time.Hour} {
			if err := strategies.Wait(ctx, d); err != cause {
				t.Fatalf("a wait of %v: got error %v, want %v", d, err, cause)
			}
		}
	}
}
