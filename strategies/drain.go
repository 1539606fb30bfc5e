package strategies

import (
	"cmp"
	"context"
	"iter"
	"slices"
)

// keptErrors is the number of failures that the error of [Kernel.Drain] keeps.
const keptErrors = 16

// Drain applies k to the elements of in on ex and discards the outputs. It runs a stream in
// completion order, and returns when all tasks have ended. The error is nil, an [OptionError], the
// error with which the executor refuses the job, or a [*JobError] with the first 16 failures.
// Memory use does not grow with the length of the input or the number of failures.
func (k Kernel[In, Out]) Drain(ctx context.Context, ex Executor, in iter.Seq[In], o Options) error {
	if o.Order == InputOrder { // the executor refuses an invalid order
		o.Order = CompletionOrder
	}
	var e JobError
	refused := k.stream(ctx, ex, in, o, new(consumer[In, Out]), func(_ Out, err error) bool {
		switch err := err.(type) {
		case nil:
			e.Succeeded++
		case *HookError:
			e.Hook = err
		case *TaskError:
			if err.Attempt == 0 {
				e.Skipped++
				break
			}
			e.Failed++
			if len(e.failed) < keptErrors {
				e.failed = append(e.failed, err)
			}
		default:
			e.Cause = err
		}
		return true
	})
	switch {
	case refused != nil || e.Failed == 0 && e.Cause == nil && e.Hook == nil:
		return refused
	case o.FailFast && e.Failed > 0 && e.Cause == nil:
		e.Cause = e.failed[0]
	}
	slices.SortFunc(e.failed, func(a, b *TaskError) int { return cmp.Compare(a.Task, b.Task) })
	return &e
}
