package payload

import (
	"context"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

// The sizes in bytes that the workloads here take.
const (
	Smallest = codec.SmallestShape
	Largest  = codec.LargestShape
)

// A job is as long as its slowest way to the worker allows, not as the plain loop asks for,
// which hands nothing over: one by one, and in the slowest codec, it still takes about a
// second.
const (
	mostTasks = 1 << 14
	mostBytes = 16 << 20 // of all inputs together
)

// most returns how many tasks a job has at most.
func most(payload int) int { return max(1, min(mostTasks, mostBytes/payload)) }

// A shape is a workload whose data travels by value, with any codec that takes it.
type shape[In, Out any] struct {
	name, doc string
	uses      string                                // Workload.Uses
	own       string                                // the codec that it comes with
	kernel    func(task uint32, in In) (Out, error) // which keeps nothing of in, but may return it
	input     func(seed uint64, size int) In
	digest    func(Out) uint64 // of an outcome: what only the whole of it yields
	structs   bool             // slow to encode: fewer tasks
}

// tasks returns how many tasks a job has at most.
func (s shape[In, Out]) tasks(payload int) int {
	if s.structs {
		return max(1, most(payload)/8)
	}
	return most(payload)
}

func (s shape[In, Out]) workload() workloads.Workload {
	kernels := map[string]numbered[In, Out]{"": s.with("", s.own)}
	w := workloads.Workload{Name: s.name, Doc: s.doc, Uses: s.uses, Payloads: true, Heavy: true, Kernel: kernels[""]}
	for _, name := range codec.Names() {
		if _, err := codec.For[In](name); err != nil {
			continue
		}
		if _, err := codec.For[Out](name); err != nil {
			continue
		}
		kernels[name] = s.with("."+name, name)
		w.Codecs = append(w.Codecs, name)
		w.Others = append(w.Others, kernels[name])
	}
	w.New = func(p workloads.Params) (workloads.Load, error) {
		if err := check(w, p); err != nil {
			return nil, err
		}
		inputs := few(p, s.input)
		return &workloads.Typed[workloads.Numbered[In], workloads.Numbered[Out]]{
			Kernel: kernels[p.Codec],
			Tasks:  s.tasks(p.Payload),
			Params: p,
			Input: func(i, _ int) workloads.Numbered[In] {
				return workloads.Numbered[In]{Index: uint32(i), Value: inputs(i)}
			},
			Number: func(o workloads.Numbered[Out]) (int, uint64) { return int(o.Index), s.digest(o.Value) },
		}, nil
	}
	return w
}

type numbered[In, Out any] = strategies.Kernel[workloads.Numbered[In], workloads.Numbered[Out]]

// with returns the kernel with a codec that takes its data.
func (s shape[In, Out]) with(suffix, name string) numbered[In, Out] {
	in, err := codec.For[In](name)
	if err != nil {
		panic(err) // the table says what a shape comes with
	}
	if bytes, ok := any(&in).(*strategies.Codec[[]byte]); ok && name == raw.Name {
		*bytes = raw.View() // no kernel here keeps its input
	}
	out, err := codec.For[Out](name)
	if err != nil {
		panic(err)
	}
	return numbered[In, Out]{
		Name: s.name + suffix,
		In:   workloads.NumberedCodec(in),
		Out:  workloads.NumberedCodec(out),
		Func: func(_ context.Context, in workloads.Numbered[In]) (workloads.Numbered[Out], error) {
			out, err := s.kernel(in.Index, in.Value)
			return workloads.Numbered[Out]{Index: in.Index, Value: out}, err
		},
	}
}

// check is Check with the sizes of this package.
func check(w workloads.Workload, p workloads.Params) error {
	if err := w.Check(p); err != nil {
		return err
	}
	if p.Payload < Smallest || p.Payload > Largest {
		return &workloads.ParamError{Workload: w.Name, Param: "payload", Value: p.Payload, Allowed: fmt.Sprintf("%d to %d bytes", Smallest, Largest)}
	}
	return nil
}

// few returns the data of task i. Tasks share it by turns: it takes at most 64 MiB, which
// is more than caches hold, and at most 1024 values, since values are slow to make.
func few[T any](p workloads.Params, make func(seed uint64, size int) T) func(i int) T {
	const most, values = 64 << 20, 1024
	slots := min(max(1, most/p.Payload), values)
	var made []T
	return func(i int) T {
		for len(made) <= i%slots {
			made = append(made, make(p.Seed*values+uint64(len(made)), p.Payload))
		}
		return made[i%slots]
	}
}
