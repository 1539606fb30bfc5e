package strategies

import (
	"iter"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Fallible makes an input of a sequence whose steps may fail, such as reading a file. At
// the first error the stream ends, once the tasks before it have been delivered, with an
// [*InputError] that wraps it; the element beside an error is no task.
//
// The result is for [Stream] and [Drain]: whoever else ranges over it gets the error as a
// panic.
func Fallible[In any](in iter.Seq2[In, error]) iter.Seq[In] {
	if in == nil {
		return nil
	}
	return func(yield func(In) bool) {
		for v, err := range in {
			if err != nil {
				panic(&inputFailure{err})
			}
			if !yield(v) {
				return
			}
		}
	}
}

// An inputFailure is how the error of a fallible input reaches the feeder.
type inputFailure struct{ err error }

func (f *inputFailure) Error() string { return "input: " + f.err.Error() }
func (f *inputFailure) Unwrap() error { return f.err }

// inputError turns what recover returned in an input that did not end normally into the
// stream's last element.
func inputError(task int, p any) *InputError {
	if f, ok := p.(*inputFailure); ok {
		return &InputError{Task: task, Err: f.err}
	}
	return &InputError{Task: task, Err: work.Caught(p)}
}
