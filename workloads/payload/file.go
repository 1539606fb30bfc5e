package payload

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

// File is data that lies in a file: the task says in which, and reads it. The files lie in
// the folder of the launch, and in the page cache, since they have just been written.
func File() workloads.Workload {
	k := numbered[string, uint64]{
		Name: "file",
		In:   workloads.NumberedCodec(raw.Text()),
		Out:  workloads.NumberedCodec(raw.One[uint64]()),
		Func: func(_ context.Context, in workloads.Numbered[string]) (workloads.Numbered[uint64], error) {
			b, err := os.ReadFile(in.Value)
			return workloads.Numbered[uint64]{Index: in.Index, Value: digest(uint64(in.Index), b)}, err
		},
	}
	w := workloads.Workload{
		Name:     "file",
		Doc:      "reads a file that the task names: data in by reference, warm in the page cache",
		Uses:     "allocates its payload and 570 B in 4 pieces; reads it once from the page cache",
		Payloads: true,
		Heavy:    true,
		Kernel:   k,
	}
	w.New = func(p workloads.Params) (workloads.Load, error) {
		if err := check(w, p); err != nil {
			return nil, err
		}
		names, err := write(p)
		if err != nil {
			return nil, err
		}
		return &workloads.Typed[workloads.Numbered[string], workloads.Numbered[uint64]]{
			Kernel: k,
			Params: p,
			Input: func(i, _ int) workloads.Numbered[string] {
				return workloads.Numbered[string]{Index: uint32(i), Value: names[i%len(names)]}
			},
			Number: number,
		}, nil
	}
	return w
}

// write writes files of the payload's size and returns their paths.
func write(p workloads.Params) (names []string, err error) {
	const most, files = 64 << 20, 64
	dir, err := filepath.Abs(p.Dir)
	if err != nil {
		return nil, err
	}
	for i := range min(max(1, most/p.Payload), files) {
		name := filepath.Join(dir, fmt.Sprintf("payload-%d", i))
		if err := os.WriteFile(name, codec.NewBytes(p.Seed+uint64(i), p.Payload), 0o600); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// number is what a Typed asks of an outcome that is a number.
func number(o workloads.Numbered[uint64]) (int, uint64) { return int(o.Index), o.Value }
