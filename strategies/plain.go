package strategies

import (
	"context"
	"iter"
)

// Map applies f to every element of in on ex and returns the outputs in the same places, like
// [Kernel.Map] without options. Tasks without an output cause a [*JobError]. Map costs about 3 ns
// per task and core with [Steal], for functions of a few ns (go test -bench Map).
func Map[In, Out any](ctx context.Context, ex Executor, in []In, f func(context.Context, In) (Out, error)) ([]Out, error) {
	return Kernel[In, Out]{Func: f}.Map(ctx, ex, in, Options{})
}

// Stream applies f to the elements of in on ex and delivers the outcomes in the order of the inputs,
// like [Kernel.Stream] without options: lazily, and at most 1024 tasks ahead of the consumer. It costs
// about 25 ns per task with [Steal], for functions of a few ns (go test -bench Stream).
func Stream[In, Out any](ctx context.Context, ex Executor, in iter.Seq[In], f func(context.Context, In) (Out, error)) iter.Seq2[Out, error] {
	return Kernel[In, Out]{Func: f}.Stream(ctx, ex, in, Options{})
}

// Go submits one task and returns at once, like [Kernel.Go] without options. It costs about 170 ns
// and one allocation per task with [Pool], for many tasks at once (go test -bench Go).
func Go[In, Out any](ctx context.Context, ex Executor, in In, f func(context.Context, In) (Out, error)) *Future[Out] {
	return Kernel[In, Out]{Func: f}.Go(ctx, ex, in, Options{})
}
