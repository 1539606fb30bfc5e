package payload

import (
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

// A job is as long as its slowest way to the worker allows, not as the plain loop asks for,
// which hands nothing over: one by one, and in the slowest codec, it still takes about a
// second.
const (
	mostTasks = 1 << 14
	mostBytes = 16 << 20 // of all inputs together
)

// A byValue is what the tasks of a workload do whose data travels, with any codec that takes it.
type byValue[In, Out any] struct {
	own     string                                // the codec that it comes with
	kernel  func(task uint32, in In) (Out, error) // which keeps nothing of in, but may return it
	input   func(seed uint64, size int) In
	digest  func(Out) uint64 // of an output: what only the whole of it yields
	structs bool             // slow to encode: fewer tasks
}

// tasks returns how many tasks a job has at most.
func (v byValue[In, Out]) tasks(payload int) int {
	most := max(1, min(mostTasks, mostBytes/payload))
	if v.structs {
		return max(1, most/8)
	}
	return most
}

func (v byValue[In, Out]) workload(w workloads.Workload) workloads.Workload {
	own, err := v.with(w.Name, v.own)
	if err != nil {
		panic(err) // the table says what a workload comes with
	}
	kernels := map[string]kernel[In, Out]{"": own}
	for _, name := range codec.Names() {
		if k, err := v.with(w.Name+"."+name, name); err == nil {
			kernels[name] = k
			w.Codecs, w.Others = append(w.Codecs, name), append(w.Others, k)
		}
	}
	return define(w, own, v.digest, func(p workloads.Params) (data func(i int) In, t typed[In, Out], err error) {
		// At most so many values differ, since values are slow to make.
		const values = 1024
		data = workloads.Turns(min(workloads.Distinct(p.Payload), values), func(k int) In {
			return v.input(p.Seed*values+uint64(k), p.Payload)
		})
		return data, typed[In, Out]{Kernel: kernels[p.Codec], Tasks: v.tasks(p.Payload)}, nil
	})
}

// with returns the kernel with a codec, an error if the codec does not take its data.
func (v byValue[In, Out]) with(kernelName, codecName string) (k kernel[In, Out], err error) {
	in, err := codec.For[In](codecName)
	if err != nil {
		return k, err
	}
	if bytes, ok := any(&in).(*strategies.Codec[[]byte]); ok && codecName == raw.Name {
		*bytes = raw.View() // no kernel here keeps its input
	}
	out, err := codec.For[Out](codecName)
	return numbered(kernelName, in, out, v.kernel), err
}
