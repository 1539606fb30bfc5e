package workloads

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// MaxBatch is the largest number of inputs in a batch.
const MaxBatch = 1 << 16

// Batches reports whether a task of w can be a batch. A batch is several inputs of the kernel,
// which the task takes one after the other. With batches, tasks of a workload without a grain can
// have different sizes. Only workloads whose tasks compute and share no state can have batches.
func (w Workload) Batches() bool {
	return !w.Plain && !w.Grains && !w.Waits && !w.Shared && !w.Children && len(w.Codecs) == 0
}

// batched returns a kernel that applies k to each input of a batch, in order, and stops at the
// first error. The kernel has no function for the key of an input and no form for event loops,
// because the inputs of a batch can have different keys and end their waits at different times.
func batched[In, Out any](k strategies.Kernel[In, Out]) strategies.Kernel[[]In, []Out] {
	return strategies.Kernel[[]In, []Out]{
		Name: k.Name + "+batch",
		In:   batchCodec(k.In),
		Out:  batchCodec(k.Out),
		Func: func(ctx context.Context, batch []In) ([]Out, error) {
			outs := make([]Out, len(batch))
			for i, in := range batch {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				out, err := k.Func(ctx, in)
				if err != nil {
					return nil, fmt.Errorf("input %d of the batch: %w", i, err)
				}
				outs[i] = out
			}
			return outs, nil
		},
		Errors: k.Errors,
	}
}

// batchCodec returns a codec for batches, made from c, the codec of a single value. For each value
// it encodes a length in four bytes, and then that many bytes, which c encodes. If c lacks Append
// or Decode, the returned codec lacks it too.
func batchCodec[T any](c strategies.Codec[T]) (all strategies.Codec[[]T]) {
	const size = 4
	if c.Append != nil {
		all.Append = func(dst []byte, batch []T) (_ []byte, err error) {
			for _, v := range batch {
				at := len(dst) + size
				if dst, err = c.Append(append(dst, make([]byte, size)...), v); err != nil {
					return dst, err
				}
				binary.LittleEndian.PutUint32(dst[at-size:], uint32(len(dst)-at))
			}
			return dst, nil
		}
	}
	if c.Decode != nil {
		all.Decode = func(src []byte) (batch []T, err error) {
			n := 0
			for rest := src; len(rest) > 0; n++ {
				if len(rest) < size || uint64(len(rest)-size) < uint64(binary.LittleEndian.Uint32(rest)) {
					return nil, fmt.Errorf("encoded batch of %d bytes ends within value %d", len(src), n)
				}
				rest = rest[size+int(binary.LittleEndian.Uint32(rest)):]
			}
			batch = make([]T, n)
			for i := range batch {
				end := size + int(binary.LittleEndian.Uint32(src))
				if batch[i], err = c.Decode(src[size:end:end]); err != nil {
					return nil, err
				}
				src = src[end:]
			}
			return batch, nil
		}
	}
	return all
}

// batches returns a copy of t for tasks that are batches of n inputs. Task i has the inputs from
// i·n up to, but not including, (i+1)·n.
func batches[In, Out any](t Typed[In, Out], n int) Typed[[]In, []Out] {
	all := Typed[[]In, []Out]{Prepare: t.Prepare, Free: t.Free}
	if t.Tasks > 0 {
		all.Tasks = max(1, t.Tasks/n)
	}
	all.Input = func(i, grain int) []In {
		batch := make([]In, n)
		for k := range batch {
			batch[k] = t.Input(i*n+k, grain)
		}
		return batch
	}
	all.Number = func(outs []Out) (index int, value uint64) {
		if len(outs) != n {
			return -1, 0 // an invalid number, so the digest fails
		}
		for k, out := range outs {
			number, v := t.Number(out)
			if k == 0 {
				index = number / n
			}
			if number != index*n+k {
				return -1, 0
			}
			value = mix.Bits(value + v)
		}
		return index, value
	}
	if t.Look != nil {
		all.Look = func(outs [][]Out) (map[string]float64, error) { return t.Look(slices.Concat(outs...)) }
	}
	return all
}
