package strategies

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A Codec encodes values as bytes and decodes them. The zero Codec has no functions: its values
// cannot be sent to a worker process. If a codec returns an error, panics, or calls
// [runtime.Goexit], its task fails with a [CodecError], and all other tasks continue.
//
// There is one exception. A goroutine that submits a single task, or waits for it, may run the
// codec itself. If the codec calls Goexit there, that goroutine ends too.
//
// An encoding of an input or output may have at most 1 GiB minus 32 KiB. A task with a longer
// encoding fails with a [CodecError].
type Codec[T any] struct {
	// Append appends the encoding of v to dst. It may be called several times for the same v.
	Append func(dst []byte, v T) ([]byte, error)
	// Decode decodes all of src. The value must not refer to src.
	Decode func(src []byte) (T, error)
	// Lend is like Append, for values whose encoding ends with bytes that the value already holds.
	// Lend returns these bytes as rest instead of appending them, so large values need no copy. The
	// executor only reads rest, and only until the task has its outcome. If Lend is set, executors
	// call it instead of Append, but Append must be set too.
	Lend func(dst []byte, v T) (head, rest []byte)
	// Adopt is like Decode, but the value may refer to src, which nothing else uses. If Adopt is
	// set, executors may call it instead of Decode for values of at least 32 KiB. Decode must be
	// set too.
	Adopt func(src []byte) (T, error)
}

// lend encodes v with the function c.Lend. The encoding is head followed by rest. head begins with
// dst. rest is part of the memory of v, so a large value is not copied. If rest would be shorter
// than work.LentFrom, lend appends its bytes to head instead and returns a nil rest.
func (c *Codec[T]) lend(dst []byte, v T) (head, rest []byte) {
	if head, rest = c.Lend(dst, v); len(rest) < work.LentFrom {
		return append(head, rest...), nil
	}
	return head, rest
}

// codecPanic recovers from a panic of a codec and stores it in *err as a CodecError. A function
// that calls a codec must first defer codecPanic.
func codecPanic(kernel string, step work.Step, err *error) {
	if p := recover(); p != nil {
		*err = &CodecError{Kernel: kernel, Step: step.String(), Err: work.Caught(p)}
	}
}

// encodeAll implements [work.Job.AppendInputs], which describes dst, s, limit and the results.
// in[i] is the input of the task in slot i. An error is a CodecError that names the kernel.
func encodeAll[T any](kernel string, c Codec[T], dst *[]byte, s *work.Span, limit int, in []T) (rest []byte, err error) {
	refused := func(err error) ([]byte, error) {
		return nil, &CodecError{Kernel: kernel, Step: work.EncodingInput.String(), Err: err}
	}
	defer codecPanic(kernel, work.EncodingInput, &err)
	if c.Append == nil {
		return refused(errNoCodec)
	}
	b := *dst
	for i := s.Lo; i < s.Hi && len(b) < limit && rest == nil; i++ {
		at := len(b)
		b = binary.LittleEndian.AppendUint32(b, noLength)
		if c.Lend != nil {
			b, rest = c.lend(b, in[i])
		} else if b, err = c.Append(b, in[i]); err != nil {
			return refused(err)
		}
		n := len(b) - at - 4
		if n < 0 || binary.LittleEndian.Uint32(b[at:]) != noLength {
			return refused(errNotAppended)
		}
		if n += len(rest); uint64(n) > math.MaxUint32 {
			return refused(errTooLong)
		}
		binary.LittleEndian.PutUint32(b[at:], uint32(n))
		*dst, s.Lo = b, i+1
	}
	return rest, nil
}

// noLength stands before an encoding until the length of the encoding is known. If a codec
// overwrites noLength, it has changed dst instead of appending to it. Its task then fails, but the
// inputs of other tasks stay intact.
const noLength = 0xa55ac33c

// decodeAll implements [work.Job.SetOutputs], which describes src, s and give. It stores the output
// of the task in slot i as out[i]. An error is a CodecError that names the kernel.
func decodeAll[T any](kernel string, c Codec[T], src *[]byte, s *work.Span, give func() bool, out []T) (err error) {
	refused := func(err error) error {
		return &CodecError{Kernel: kernel, Step: work.DecodingOutput.String(), Err: err}
	}
	defer codecPanic(kernel, work.DecodingOutput, &err)
	asked, given := c.Adopt == nil || give == nil, false
	for b := *src; len(b) > 0 && s.Lo < s.Hi; s.Lo++ {
		n := 4 + int(binary.LittleEndian.Uint32(b))
		one := b[4:n:n]
		b = b[n:]
		*src = b
		if c.Decode == nil {
			return refused(errNoCodec)
		}
		decode := c.Decode
		if len(one) >= work.LentFrom { // an adopted small value would keep a whole frame in memory
			if !asked {
				asked, given = true, give()
			}
			if given {
				decode = c.Adopt
			}
		}
		v, err := decode(one)
		if err != nil {
			return refused(err)
		}
		out[s.Lo] = v
	}
	return nil
}

var (
	errNoCodec     = errors.New("the kernel has no codec, which worker processes need")
	errNotAppended = errors.New("the codec changed dst instead of appending to it")
	errTooLong     = errors.New("the encoding is longer than 4 GiB")
)
