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
	"github.com/payoff-bench/payoff/workloads/mix"
)

// newShared returns the workload shared. All tasks read the same data. Each worker process receives
// the data once, before its first task, so a task carries only a number.
func newShared() workloads.Workload {
	var data atomic.Pointer[[]byte] // the data in this process
	read := func(_ uint32, number uint64) (uint64, error) {
		b := data.Load()
		if b == nil {
			return 0, errors.New("this process lacks the data that tasks share, because its preparation did not run; set Setting.Prepare to the preparation of the load")
		}
		return digest(number, *b), nil
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
	return define(workloads.Workload{
		Name:   "shared",
		Doc:    "reads data that all tasks share; each worker receives the data once, before its first task",
		Uses:   "allocates nothing; all tasks read the same data, from the cache level that holds it",
		Others: []work.Callable{prepare},
	}, numbered("shared", raw.One[uint64](), raw.One[uint64](), read), whole, func(p workloads.Params) (number func(i int) uint64, t typed[uint64, uint64], err error) {
		b := codec.NewBytes(p.Seed, p.Payload)
		data.Store(&b)
		t.Prepare = catalog.Preparation{Kernel: prepare.Name, Input: string(b)}
		t.Free = func() error { data.Store(nil); return nil }
		return func(i int) uint64 { return mix.Bits(p.Seed + uint64(i)) }, t, nil
	})
}
