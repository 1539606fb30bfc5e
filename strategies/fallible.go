package strategies

import (
	"iter"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Fallible turns a sequence whose steps may fail, such as reading a file, into an input. After the
// first error the stream delivers the earlier tasks and ends with an [*InputError] that wraps the
// error. The value that comes with an error is ignored.
//
// The result is only for [Stream], [Kernel.Stream], [Kernel.Results] and [Kernel.Drain]: in any
// other loop an error becomes a panic.
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

// An inputFailure carries the error of a fallible input to the feeder, as the value of a panic.
type inputFailure struct{ err error }

func (f *inputFailure) Error() string { return "input: " + f.err.Error() }
func (f *inputFailure) Unwrap() error { return f.err }

// inputError returns the last element of a stream whose input did not return, from the result p of
// recover.
func inputError(task int, p any) *InputError {
	if f, ok := p.(*inputFailure); ok {
		return &InputError{Task: task, Err: f.err}
	}
	return &InputError{Task: task, Err: work.Caught(p)}
}
