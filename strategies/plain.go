package strategies

import (
	"context"
	"iter"
)

// Map applies f to every element of in on ex and returns the output for in[i] as element i. It is
// [Kernel.Map] without options. If tasks have no output, the error is a [*JobError]. Map costs
// about 4 ns per task and core with [Steal], for functions of a few ns (go test -bench Map).
func Map[In, Out any](ctx context.Context, ex Executor, in []In, f func(context.Context, In) (Out, error)) ([]Out, error) {
	return Kernel[In, Out]{Func: f}.Map(ctx, ex, in, Options{})
}

// Stream applies f to the elements of in on ex and delivers the outcomes in the order of the
// inputs. It is [Kernel.Stream] without options: it pulls inputs lazily, at most 1024 tasks ahead
// of the consumer. Stream costs about 25 ns per task with [Steal], for functions of a few ns (go
// test -bench Stream).
func Stream[In, Out any](ctx context.Context, ex Executor, in iter.Seq[In], f func(context.Context, In) (Out, error)) iter.Seq2[Out, error] {
	return Kernel[In, Out]{Func: f}.Stream(ctx, ex, in, Options{})
}

// Go submits one task and returns at once. It is [Kernel.Go] without options. With [Pool] it costs
// about 170 ns and one allocation per task when many tasks are in flight (go test -bench Go).
func Go[In, Out any](ctx context.Context, ex Executor, in In, f func(context.Context, In) (Out, error)) *Future[Out] {
	return Kernel[In, Out]{Func: f}.Go(ctx, ex, in, Options{})
}
