package workloads

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// Of returns a workload without parameters that runs the kernel k. The argument doc is one sentence
// about the work of a task. The function input makes the input of task i, and must return the same
// input in every call for the same task. The kernel needs both codecs and must not change its inputs.
// Its output must depend only on its input, because the digest hashes the encoded outputs and must be
// the same for all jobs.
//
// The workload adds the number of the task, four bytes, to each input and output. To compute the
// digest, the load encodes each output once more, outside the measured time. To define a workload
// with parameters, call [Define].
func Of[In, Out any](doc string, k strategies.Kernel[In, Out], input func(i int) In) Workload {
	numbered := strategies.Kernel[Numbered[In], Numbered[Out]]{
		In:  NumberedCodec(k.In),
		Out: NumberedCodec(k.Out),
		Func: func(ctx context.Context, in Numbered[In]) (Numbered[Out], error) {
			out, err := k.Func(ctx, in.Value)
			return Numbered[Out]{in.Index, out}, err
		},
	}
	if k.Key != nil {
		numbered.Key = func(in Numbered[In]) uint64 { return k.Key(in.Value) }
	}
	if k.Begin != nil {
		numbered.Begin = func(ctx context.Context, in Numbered[In], ev strategies.Events, done func(Numbered[Out], error)) {
			k.Begin(ctx, in.Value, ev, func(out Out, err error) { done(Numbered[Out]{in.Index, out}, err) })
		}
	}
	return Define(Workload{Name: k.Name, Doc: doc}, numbered, func(Params) (t Typed[Numbered[In], Numbered[Out]], err error) {
		if k.Func == nil || input == nil || k.In.Append == nil || k.In.Decode == nil || k.Out.Append == nil || k.Out.Decode == nil {
			return t, errors.New("a workload needs an input function, and a kernel with Func and both codecs")
		}
		t.Input = func(i, _ int) Numbered[In] { return Numbered[In]{uint32(i), input(i)} }
		var encoded []byte // reused, since only one goroutine computes digests
		t.Number = func(out Numbered[Out]) (int, uint64) {
			b, err := k.Out.Append(encoded[:0], out.Value)
			if err != nil {
				return -1, 0 // an invalid number, so the digest fails
			}
			encoded = b
			return int(out.Index), mix.Hash(uint64(len(b)), b)
		}
		return t, nil
	})
}

// A Numbered is a value with the number of its task.
type Numbered[T any] struct {
	Index uint32
	Value T
}

// NumberedCodec returns the codec of a [Numbered], which encodes the number in four bytes and then
// the value by c.
func NumberedCodec[T any](c strategies.Codec[T]) strategies.Codec[Numbered[T]] {
	const size = 4
	number := func(dst []byte, v Numbered[T]) []byte { return binary.LittleEndian.AppendUint32(dst, v.Index) }
	numbering := func(decode func([]byte) (T, error)) func([]byte) (Numbered[T], error) {
		return func(src []byte) (v Numbered[T], err error) {
			if len(src) < size {
				return v, fmt.Errorf("an encoded value with a task number has %d bytes, but must have at least %d", len(src), size)
			}
			v.Index = binary.LittleEndian.Uint32(src)
			v.Value, err = decode(src[size:])
			return v, err
		}
	}
	numbered := strategies.Codec[Numbered[T]]{
		Append: func(dst []byte, v Numbered[T]) ([]byte, error) { return c.Append(number(dst, v), v.Value) },
		Decode: numbering(c.Decode),
	}
	if c.Lend != nil {
		numbered.Lend = func(dst []byte, v Numbered[T]) (head, rest []byte) { return c.Lend(number(dst, v), v.Value) }
	}
	if c.Adopt != nil {
		numbered.Adopt = numbering(c.Adopt)
	}
	return numbered
}
