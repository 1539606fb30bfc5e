package strategies

import (
	"iter"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Fallible turns a sequence whose steps may fail, such as the lines read from a file, into an input
// of a stream. At the first error, the stream delivers the earlier tasks and ends with an
// [*InputError] that wraps this error. The stream ignores the value that the sequence yields with
// the error.
//
// Use the result only with [Stream], [Kernel.Stream], [Kernel.Results] and [Kernel.Drain]. In any
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

// An inputFailure is the panic value that carries an error from a [Fallible] input to the feeder
// goroutine of a stream.
type inputFailure struct{ err error }

func (f *inputFailure) Error() string { return "input: " + f.err.Error() }
func (f *inputFailure) Unwrap() error { return f.err }

// inputError returns the InputError of a stream whose input panicked or called Goexit. p is the
// result of recover.
func inputError(task int, p any) *InputError {
	if f, ok := p.(*inputFailure); ok {
		return &InputError{Task: task, Err: f.err}
	}
	return &InputError{Task: task, Err: work.Caught(p)}
}
