package strategies

import (
	"context"
	"errors"
	"iter"
)

// keptErrors is the number of failures that the error of [Kernel.Drain] keeps.
const keptErrors = 16

// Drain applies k to the elements of in on ex, as a stream in completion order without outputs.
// It returns when all is done: nil, the [OptionError] or other refusal, or a [*JobError] with
// the first 16 failures. Memory grows neither with the input nor with the number of failures.
func (k Kernel[In, Out]) Drain(ctx context.Context, ex Executor, in iter.Seq[In], o Options) error {
	o.Order = CompletionOrder
	var e JobError
	for _, err := range k.Stream(ctx, ex, in, o) {
		task, ok := err.(*TaskError)
		switch {
		case err == nil:
			e.Succeeded++
		case !ok:
			e.Cause = err
		case task.Attempt == 0:
			e.Skipped++
		default:
			e.Failed++
			if len(e.failed) < keptErrors {
				e.failed = append(e.failed, task)
			}
		}
	}
	var refused *OptionError
	switch {
	case e.Failed == 0 && e.Cause == nil:
		return nil
	case errors.As(e.Cause, &refused):
		return refused
	case o.FailFast && e.Cause == nil:
		e.Cause = e.failed[0]
	}
	return &e
}
