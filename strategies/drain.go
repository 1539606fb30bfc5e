package strategies

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// Drain applies k to the elements of in on ex, as a [Stream] in completion order whose
// outputs nobody wants. It returns when all is done: nil, the [OptionError] or what else
// refused the job, or a [*DrainError]. Memory does not grow with the input, nor with the
// number of failures.
func Drain[In, Out any](ctx context.Context, ex Executor, k Kernel[In, Out], in iter.Seq[In], o Options) error {
	o.Order = CompletionOrder
	var e DrainError
	for _, err := range Stream(ctx, ex, k, in, o) {
		task, ok := err.(*TaskError)
		switch {
		case err == nil:
			e.Succeeded++
		case !ok:
			e.Cause = err
		case task.skipped:
			e.Skipped++
		default:
			e.Failed++
			if len(e.Tasks) < DrainErrors {
				e.Tasks = append(e.Tasks, task)
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
		e.Cause = e.Tasks[0]
	}
	return &e
}

// DrainErrors is how many failures a [DrainError] keeps.
const DrainErrors = 16

// A DrainError is why some tasks of a [Drain] have no output, or why the input was not
// drained to its end.
type DrainError struct {
	Succeeded, Failed int          // tasks
	Skipped           int          // tasks that were pulled and never started
	Tasks             []*TaskError // the first that failed, DrainErrors at most
	Cause             error        // why not all of the input was drained: the context's, an InputError, …
}

func (e *DrainError) Error() string {
	switch {
	case e.Failed == 0:
		return fmt.Sprintf("stopped after %s: %v", tasks(e.Succeeded), e.Cause)
	case e.Cause != nil:
		return fmt.Sprintf("stopped after %s, of which %d failed: %v; first: %v", tasks(e.Succeeded+e.Failed), e.Failed, e.Cause, e.Tasks[0])
	}
	return fmt.Sprintf("%d of %s failed; first: %v", e.Failed, tasks(e.Succeeded+e.Failed), e.Tasks[0])
}

// Unwrap returns the errors that were kept and the cause.
func (e *DrainError) Unwrap() []error {
	var errs []error
	for _, t := range e.Tasks {
		errs = append(errs, t)
	}
	if e.Cause != nil {
		errs = append(errs, e.Cause)
	}
	return errs
}
