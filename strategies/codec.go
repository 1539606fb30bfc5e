package strategies

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A Codec encodes values as bytes and decodes them. The zero Codec is none: its values cannot
// leave the process. A task fails alone by a [CodecError] if its codec returns an error,
// panics, or calls [runtime.Goexit]. One exception: the goroutine that waits for a single task
// may run the codec itself, and Goexit then ends that goroutine too.
type Codec[T any] struct {
	// Append appends the encoding of v to dst. It may be called again for one v.
	Append func(dst []byte, v T) ([]byte, error)
	// Decode reads the whole of src and keeps nothing of it.
	Decode func(src []byte) (T, error)
	// Lend is Append for values whose encoding ends with bytes that they hold already. It
	// returns these bytes as rest instead of appending them, so that large ones need not be
	// copied. The executor only reads rest, and not after the task has its outcome. If Lend
	// is set it is called in place of Append, which is needed all the same.
	Lend func(dst []byte, v T) (head, rest []byte)
	// Adopt is Decode that may keep src, which no other goroutine uses any more, in its
	// value. If it is set it may be called in place of Decode, which is needed all the same,
	// for values of at least 32 KiB.
	Adopt func(src []byte) (T, error)
}

// lend is Lend that appends a rest which is not large.
func (c *Codec[T]) lend(dst []byte, v T) (head, rest []byte) {
	if head, rest = c.Lend(dst, v); len(rest) < work.LentFrom {
		return append(head, rest...), nil
	}
	return head, rest
}

// encodeAll is [work.Job.AppendInputs] over the slots of in.
func encodeAll[T any](kernel string, c Codec[T], dst *[]byte, s *work.Span, limit int, in []T) (rest []byte, err error) {
	refused := func(err error) ([]byte, error) {
		return nil, &CodecError{Kernel: kernel, Step: work.EncodingInput.String(), Err: err}
	}
	defer func() {
		if p := recover(); p != nil {
			rest, err = refused(work.Caught(p))
		}
	}()
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

// noLength holds the place of an input's length. A codec that returns other bytes than those it
// was given, with its own behind them, thus fails its task and does not spoil others.
const noLength = 0xa55ac33c

// decodeAll is [work.Job.SetOutputs] over the slots of out.
func decodeAll[T any](kernel string, c Codec[T], src *[]byte, s *work.Span, give func() bool, out []T) (err error) {
	refused := func(err error) error {
		return &CodecError{Kernel: kernel, Step: work.DecodingOutput.String(), Err: err}
	}
	defer func() {
		if p := recover(); p != nil {
			err = refused(work.Caught(p))
		}
	}()
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
		if len(one) >= work.LentFrom { // a smaller value would keep the frame of many for itself
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
	errNoCodec     = errors.New("the kernel has no codec, so its tasks cannot leave this process")
	errNotAppended = errors.New("the codec did not append to the bytes that it was given")
	errTooLong     = errors.New("longer than 4 GiB")
)
