package strategiestest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var inputRules = []rule{
	{"input that yields an error", `An input that yields an error ends the stream after the complete
tasks before it have been delivered, with an error that says so and wraps it. The executor
is usable at once.`, 0, inputFails},
	{"drain", `A stream whose outputs nobody wants tells how many tasks succeeded and failed, the
first failures, and why it ended before its input did.`, 0, drain},
	{"drain in little memory", `However many tasks of such a stream fail, what is kept of them does
not grow.`, 0, drainFailures},
}

// failing yields n acts and then an error, behind which it has more.
func failing(acts []Act, err error) iter.Seq2[Act, error] {
	return func(yield func(Act, error) bool) {
		for _, a := range acts {
			if !yield(a, nil) {
				return
			}
		}
		if yield(Act{Index: -1, Do: Error}, err) {
			yield(Act{Index: -2, Do: Error}, nil)
		}
	}
}

func inputFails(t *T) {
	ex := t.executor(2)
	for _, order := range orders {
		for _, n := range []int{0, 1, 5, 3000} {
			values := 0
			var last error
			for d, err := range ActKernel.Stream(context.Background(), ex, strategies.Fallible(failing(plain(n), ErrAct)), strategies.Options{Order: order}) {
				if last != nil {
					t.Errorf("%s behind the error", told(d, err))
				}
				if last = err; err == nil {
					values++
				}
			}
			want(t, "values", values, n)
			var ie *strategies.InputError
			if !errors.As(last, &ie) || ie.Task != n || ie.Err != ErrAct {
				t.Errorf("input that fails behind %d tasks: %v", n, last)
			}
			err := ActKernel.Drain(context.Background(), ex, strategies.Fallible(failing(plain(n), ErrAct)), strategies.Options{})
			var de *strategies.JobError
			if !errors.As(err, &de) || !errors.As(de.Cause, &ie) || ie.Task != n || !errors.Is(err, ErrAct) || de.Succeeded != n {
				t.Errorf("draining an input that fails behind %d tasks: %v", n, err)
			}
		}
	}
	t.healthy(ex, 2)
}

func drain(t *T) {
	ex := t.executor(2)
	ctx := context.Background()
	t.ok(ActKernel.Drain(ctx, ex, slices.Values(plain(0)), strategies.Options{}))
	acts := t.every(100)
	failed := 0
	for _, a := range acts {
		if a.Do != "" {
			failed++
		}
	}
	var de *strategies.JobError
	err := ActKernel.Drain(ctx, ex, slices.Values(acts), strategies.Options{Window: 10})
	if !errors.As(err, &de) {
		t.Fatalf("draining tasks of which %d fail: %v", failed, err)
	}
	want(t, "tasks that failed", de.Failed, failed)
	want(t, "tasks that succeeded", de.Succeeded, len(acts)-failed)
	want(t, "cause", de.Cause, nil)
	for e := range de.Failures() {
		if acts[e.Task].Do == "" {
			t.Errorf("%v, which should not fail", e)
		}
	}

	acts = plain(20_000)
	acts[5].Do = Error
	err = ActKernel.Drain(ctx, ex, slices.Values(acts), strategies.Options{FailFast: true})
	if !errors.As(err, &de) || de.Failed != 1 || slices.Collect(de.Failures())[0].Task != 5 || !errors.Is(de.Cause, slices.Collect(de.Failures())[0]) {
		t.Errorf("draining to the first failure: %v", err)
	}

	ending, cancel := context.WithCancelCause(ctx)
	var pulled atomic.Int64
	err = ActKernel.Drain(ending, ex, endless(t, &pulled, func(i int) Act {
		if i == 500 {
			cancel(ErrAct)
		}
		return plainAct(i)
	}), strategies.Options{Window: 16})
	if !errors.As(err, &de) || !errors.Is(de.Cause, ErrAct) || de.Failed+de.Succeeded+de.Skipped != int(pulled.Load()) {
		t.Errorf("draining an endless input that is cancelled, %d tasks pulled: %v", pulled.Load(), err)
	}
	t.refused("", "window", ActKernel.Drain(ctx, ex, slices.Values(acts), strategies.Options{Window: -1}))
	t.refused("", "in", ActKernel.Drain(ctx, ex, nil, strategies.Options{}))
}

func drainFailures(t *T) {
	ex := t.executor(2)
	n := 120_000 // the bound below is less than a failure's own error for each
	var before int64
	err := ActKernel.Drain(context.Background(), ex, func(yield func(Act) bool) {
		for i := range n {
			if i == n/10 {
				before = heap()
			}
			if !yield(Act{Index: i, Do: Error}) {
				return
			}
		}
		if grown := heap() - before; grown > 4<<20 {
			t.Errorf("the heap grew by %d bytes", grown)
		}
	}, strategies.Options{Chunk: chunk.Fixed(20)})
	var de *strategies.JobError
	if !errors.As(err, &de) || de.Failed != n || len(slices.Collect(de.Failures())) != 16 {
		t.Errorf("draining %d tasks that fail: %v", n, err)
	}
}
