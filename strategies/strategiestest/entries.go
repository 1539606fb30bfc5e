package strategiestest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// An entry is one way to submit many tasks: as a map, as a stream, or as futures.
type entry string

const (
	asMap       entry = "map"
	inOrder     entry = "stream in input order"
	asCompleted entry = "stream in completion order"
	asFutures   entry = "futures"
)

var (
	jobEntries = []entry{asMap, inOrder, asCompleted} // these entries submit all tasks as one job
	allEntries = append(jobEntries, asFutures)
	orders     = []strategies.Order{strategies.InputOrder, strategies.CompletionOrder}
)

// options returns o without the options that entry e does not accept. For a stream, it also sets
// the order.
func (e entry) options(o strategies.Options) strategies.Options {
	switch e {
	case asMap:
		o.Window = 0
	case asCompleted:
		o.Order = strategies.CompletionOrder
	case asFutures:
		o.Chunk, o.Window = nil, 0
	}
	return o
}

// chunked returns options with the given fixed chunk size.
func chunked(size int) strategies.Options { return strategies.Options{Chunk: chunk.Fixed(size)} }

// An outcome is the output or the error of one task.
type outcome[Out any] struct {
	value Out
	err   error
}

// String returns a text for comparing the outcomes of different jobs. It omits the worker, so that
// equal outcomes have equal texts.
func (o outcome[Out]) String() string {
	if o.err == nil {
		return fmt.Sprint("value ", o.value)
	}
	if e, ok := errors.AsType[*strategies.TaskError](o.err); ok {
		return fmt.Sprintf("task %d: %v", e.Task, e.Err)
	}
	return o.err.Error()
}

// outcomes submits each element of the slice in, and returns the outcome of each task. Entry e
// selects a map, a stream or futures. Each task must have one outcome, each error must name its
// task, and a stream must keep its order. If not, outcomes reports a failure.
func outcomes[In, Out any](t *testCase, ex strategies.Executor, k strategies.Kernel[In, Out], in []In, o strategies.Options, e entry) []outcome[Out] {
	t.Helper()
	o = e.options(o)
	all := make([]outcome[Out], len(in))
	switch e {
	case asMap:
		out, err := k.Map(background, ex, in, o)
		want(t, "outputs of a map", len(out), len(in))
		for i, v := range out {
			all[i].value = v
			if err != nil {
				all[i].err = t.failedJob(err).Task(i)
			}
		}
	case asFutures:
		for i, f := range start(background, ex, k, in, o) {
			all[i].value, all[i].err = f.Wait(background)
		}
	default:
		n := 0
		seen := make([]bool, len(in))
		for r := range k.Results(background, ex, slices.Values(in), o) {
			if r.Task < 0 || r.Task >= len(in) || seen[r.Task] || e == inOrder && r.Task != n {
				t.Fatalf("%s: delivery %d is the outcome of task %d, which was delivered before or is out of order; its error is %v", e, n, r.Task, r.Err)
			}
			all[r.Task], seen[r.Task] = outcome[Out]{r.Value, r.Err}, true
			n++
		}
		want(t, "outcomes that a stream delivered", n, len(in))
	}
	for i, o := range all {
		if o.err != nil {
			te, ok := errors.AsType[*strategies.TaskError](o.err)
			t.check(ok && (e == asFutures || te.Task == i), "%s: the error of task %d is %v, want a TaskError that names the task", e, i, o.err)
		}
	}
	return all
}

// succeeded reports a failure unless o is the output of the act with index i. The failure message
// begins with subject.
func (t *testCase) succeeded(subject string, i int, o outcome[done]) {
	if o.err != nil || o.value.Index != i {
		t.Helper()
		t.Errorf("%s: task %d: got %s, want its own output", subject, i, o)
	}
}

// allSucceed submits acts and returns their outcomes. Entry e selects a map, a stream or futures.
// The indexes of acts must be 0, 1, 2 and so on. It reports a failure unless each act returns its
// own output.
func (t *testCase) allSucceed(ex strategies.Executor, acts []act, o strategies.Options, e entry) []outcome[done] {
	t.Helper()
	all := outcomes(t, ex, actKernel, acts, o, e)
	for i, o := range all {
		t.succeeded(string(e), i, o)
	}
	return all
}

// failedJob returns the JobError that err wraps. If err wraps none, failedJob ends the case with a
// failure.
func (t *testCase) failedJob(err error) *strategies.JobError {
	t.Helper()
	e, ok := errors.AsType[*strategies.JobError](err)
	if !ok {
		t.Fatalf("the error of a job has type %T, want a JobError; the error is %v", err, err)
	}
	return e
}

// mapFails runs a map whose inputs are the slice in, and returns its JobError. If the error of the
// map wraps no JobError, mapFails ends the case with a failure.
func mapFails[In, Out any](t *testCase, ex strategies.Executor, k strategies.Kernel[In, Out], in []In, o strategies.Options) *strategies.JobError {
	t.Helper()
	_, err := k.Map(background, ex, in, o)
	return t.failedJob(err)
}

// errorsOf submits acts. It returns the errors of their tasks and the error of the job, all in one
// slice. Entry e selects a map or a stream.
func errorsOf(ctx context.Context, ex strategies.Executor, acts []act, o strategies.Options, e entry) (errs []error) {
	o = e.options(o)
	if e == asMap {
		_, err := actKernel.Map(ctx, ex, acts, o)
		if e, ok := errors.AsType[*strategies.JobError](err); ok {
			return e.Unwrap()
		}
		return []error{err}
	}
	for _, err := range actKernel.Stream(ctx, ex, slices.Values(acts), o) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// start submits each element of the slice in as a future. It returns the futures in the same order.
func start[In, Out any](ctx context.Context, ex strategies.Executor, k strategies.Kernel[In, Out], in []In, o strategies.Options) (futures []*strategies.Future[Out]) {
	for _, v := range in {
		futures = append(futures, k.Go(ctx, ex, v, o))
	}
	return futures
}

// stream submits the acts of the sequence in to executor ex. It returns the stream of their
// outputs.
func stream(ex strategies.Executor, in iter.Seq[act], o strategies.Options) iter.Seq2[done, error] {
	return actKernel.Stream(background, ex, in, o)
}

// receive calls f(at, d) for each output d that stream s delivers. at is the number of the
// delivery, from 1. If the stream delivers an error, receive ends the case with a failure. It
// reports a failure unless s has n deliveries.
func (t *testCase) receive(s iter.Seq2[done, error], n int, f func(at int, d done)) {
	t.Helper()
	at := 0
	for d, err := range s {
		t.ok(err)
		at++
		f(at, d)
	}
	want(t, "deliveries of a stream", at, n)
}

// first yields the first n outputs that stream s delivers, each with the number of its delivery,
// from 1. If the stream delivers an error, first ends the case with a failure. It reports a failure
// if s has fewer than n deliveries.
func (t *testCase) first(s iter.Seq2[done, error], n int) iter.Seq2[int, done] {
	return func(yield func(int, done) bool) {
		at := 0
		for d, err := range s {
			t.ok(err)
			if at++; !yield(at, d) || at == n {
				return
			}
		}
		t.Errorf("the stream ended after only %d deliveries", at)
	}
}

// upTo yields the numbers from 0 to n-1.
func upTo(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
	}
}

// unending yields the numbers 0, 1, 2 and so on, without end.
var unending = upTo(math.MaxInt)

func numbers(n int) []int { return slices.Collect(upTo(n)) }

// endless returns an input without an end; make(i) is its element i. The input adds 1 to pulled for
// each element that the executor pulls. It reports a failure if two goroutines pull at the same
// time.
func endless(t *testCase, pulled *atomic.Int64, make func(i int) act) iter.Seq[act] {
	var inside atomic.Bool
	return func(yield func(act) bool) {
		for i := range unending {
			t.check(inside.CompareAndSwap(false, true), "two goroutines pull the input of a stream at the same time")
			pulled.Add(1)
			a := make(i)
			inside.Store(false)
			if !yield(a) {
				return
			}
		}
	}
}
