package strategies

import (
	"context"
	"iter"
)

// Map applies f to every element of in on ex and returns the outputs in the same places, as
// [Kernel.Map] does with no options. The error of tasks without an output is a [*JobError]. It costs about 3 ns a task and core with [Steal] for
// functions of a few ns (go test -bench Map).
func Map[In, Out any](ctx context.Context, ex Executor, in []In, f func(context.Context, In) (Out, error)) ([]Out, error) {
	return Kernel[In, Out]{Func: f}.Map(ctx, ex, in, Options{})
}

// Stream applies f to the elements of in on ex and delivers the outcomes in the order of the
// inputs, as [Kernel.Stream] does with no options: lazily, never more than 1024 tasks ahead. It
// costs about 25 ns a task with [Steal] for functions of a few ns (go test -bench Stream).
func Stream[In, Out any](ctx context.Context, ex Executor, in iter.Seq[In], f func(context.Context, In) (Out, error)) iter.Seq2[Out, error] {
	return Kernel[In, Out]{Func: f}.Stream(ctx, ex, in, Options{})
}

// Go submits one task and returns at once, as [Kernel.Go] does with no options. It costs about
// 170 ns and one allocation a task with [Pool], many at once (go test -bench Go).
func Go[In, Out any](ctx context.Context, ex Executor, in In, f func(context.Context, In) (Out, error)) *Future[Out] {
	return Kernel[In, Out]{Func: f}.Go(ctx, ex, in, Options{})
}
