package strategiestest

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
)

var endRules = []rule{
	{"input that panics", `An input iterator that panics ends the stream after the complete tasks before
it have been delivered, with an error that says so. The executor is usable at once.`, 0, inputPanics},
	{"input that goes on", `An input iterator that goes on when it is told to stop ends the stream with
an error too.`, 0, inputGoesOn},
	{"consumer that stops", `A consumer that stops early stops the producer, cancels what has not
started, leaves nothing behind, and does not disturb other jobs.`, 0, consumerStops},
	{"consumer that stops ends contexts", `A consumer that stops early ends the context of tasks that run.`, inside, consumerEndsContexts},
}

func inputPanics(t *T) {
	ex := t.executor(2)
	ways := map[string]func(){
		"an error":        func() { panic(ErrAct) },
		"nil":             func() { panic(nil) },
		"a runtime error": func() { badMap()[0] = 1 },
		"Goexit":          runtime.Goexit,
		"Goexit, panic":   func() { defer panic("boom"); runtime.Goexit() },
		"panic, Goexit":   func() { defer runtime.Goexit(); panic("boom") },
	}
	for name, end := range ways {
		for _, order := range orders {
			for _, n := range []int{0, 1, 5, 3000} {
				input := func(yield func(Act) bool) {
					for i := range n {
						if !yield(Act{Index: i}) {
							return
						}
					}
					end()
				}
				values, errs := 0, []error{}
				for _, err := range ActKernel.Stream(context.Background(), ex, input, strategies.Options{Order: order}) {
					if err != nil {
						errs = append(errs, err)
					} else if values++; len(errs) > 0 {
						t.Errorf("input that ends by %s: a value behind the error", name)
					}
				}
				want(t, "values", values, n)
				var ie *strategies.InputError
				if len(errs) != 1 || !errors.As(errs[0], &ie) || ie.Task != n {
					t.Errorf("input that ends by %s behind %d tasks: the errors are %v", name, n, errs)
				}
			}
		}
		t.healthy(ex, 2)
	}
}

func inputGoesOn(t *T) {
	ex := t.executor(2)
	for _, order := range orders {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		deaf := func(yield func(Act) bool) {
			for i := range 100_000 {
				yield(Act{Index: i})
			}
		}
		n := 0
		var last error
		for _, err := range ActKernel.Stream(ctx, ex, deaf, strategies.Options{Order: order, Window: 4}) {
			if n++; n == 50 {
				cancel(ErrAct)
			}
			last = err
		}
		if n >= 100_000 || last == nil {
			t.Errorf("%d outcomes after a cancel at 50; the last error is %v", n, last)
		}
	}
	t.healthy(ex, 2)
}

func consumerStops(t *T) {
	ex := t.executor(2)
	other := make(chan error, 1)
	stop := make(chan struct{})
	go func() { // another job on the same executor
		for {
			select {
			case <-stop:
				other <- nil
				return
			default:
			}
			if _, err := ActKernel.Map(context.Background(), ex, plain(50), strategies.Options{}); err != nil {
				other <- err
				return
			}
		}
	}()
	ways := map[string]func() bool{
		"break":  func() bool { return false },
		"panic":  func() bool { panic(ErrAct) },
		"Goexit": func() bool { runtime.Goexit(); return false },
	}
	for name, leave := range ways {
		for _, order := range orders {
			for _, after := range []int{1, 2, 500} {
				var pulled, n atomic.Int64
				ended := make(chan any)
				go func() {
					defer func() { ended <- recover() }()
					o := strategies.Options{Order: order, Window: 64}
					ActKernel.Stream(context.Background(), ex, endless(t, &pulled, plainAct), o)(func(Done, error) bool {
						return int(n.Add(1)) < after || leave()
					})
				}()
				if p := <-ended; (p == ErrAct) != (name == "panic") {
					t.Errorf("consumer that ends by %s: recovered %v", name, p)
				}
				want(t, "deliveries", n.Load(), int64(after))
				if p := pulled.Load(); p > int64(after+64) {
					t.Errorf("consumer that ends by %s after %d: %d tasks pulled", name, after, p)
				}
			}
		}
	}
	close(stop)
	if err := <-other; err != nil {
		t.Errorf("another job was disturbed: %v", err)
	}
	t.healthy(ex, 2)
}

func consumerEndsContexts(t *T) {
	const workers = 3
	ex := t.executor(workers)
	var started, ended atomic.Int64
	k := strategies.Kernel[int, int]{Func: func(ctx context.Context, i int) (int, error) {
		started.Add(1)
		if i > 0 {
			untilDone(ctx)
		}
		ended.Add(1)
		return i, nil
	}}
	for _, order := range orders {
		numbers := func(yield func(int) bool) {
			for i := 0; yield(i); i++ {
			}
		}
		for range resumable(k).Stream(context.Background(), ex, numbers, strategies.Options{Order: order}) {
			break
		}
		want(t, "tasks that are still running", started.Load()-ended.Load(), 0)
	}
}
