package payload

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/strategies/work"
	"github.com/payoff-bench/payoff/workloads"
)

var errUnprepared = errors.New("this process was not handed the data that tasks share")

// Shared is data that all tasks read: it is handed to each worker once, before its first
// task, by an initialiser. A task brings a number along.
func Shared() workloads.Workload {
	var data atomic.Pointer[[]byte] // of this process
	k := numbered[uint64, uint64]{
		Name: "shared",
		In:   workloads.NumberedCodec(raw.One[uint64]()),
		Out:  workloads.NumberedCodec(raw.One[uint64]()),
		Func: func(_ context.Context, in workloads.Numbered[uint64]) (out workloads.Numbered[uint64], err error) {
			b := data.Load()
			if b == nil {
				return out, errUnprepared
			}
			return workloads.Numbered[uint64]{Index: in.Index, Value: digest(in.Value, *b)}, nil
		},
	}
	prepare := strategies.Kernel[[]byte, struct{}]{
		Name: "shared.prepare",
		In:   raw.Slice[byte](),
		Out:  strategies.Codec[struct{}]{Append: func(dst []byte, _ struct{}) ([]byte, error) { return dst, nil }},
		Func: func(_ context.Context, b []byte) (struct{}, error) {
			data.Store(&b)
			return struct{}{}, nil
		},
	}
	w := workloads.Workload{
		Name:     "shared",
		Doc:      "reads data that all tasks share and each worker is handed once: data in by initialiser",
		Uses:     "allocates nothing; all read the same data, from whichever cache holds it",
		Payloads: true,
		Heavy:    true,
		Kernel:   k,
		Others:   []work.Callable{prepare},
	}
	w.New = func(p workloads.Params) (workloads.Load, error) {
		if err := check(w, p); err != nil {
			return nil, err
		}
		b := codec.NewBytes(p.Seed, p.Payload)
		data.Store(&b)
		return &workloads.Typed[workloads.Numbered[uint64], workloads.Numbered[uint64]]{
			Kernel: k,
			Params: p,
			Input: func(i, _ int) workloads.Numbered[uint64] {
				return workloads.Numbered[uint64]{Index: uint32(i), Value: mix(p.Seed + uint64(i))}
			},
			Number:  number,
			Prepare: catalog.Preparation{Kernel: prepare.Name, Input: string(b)},
			Free:    func() error { data.Store(nil); return nil },
		}, nil
	}
	return w
}
