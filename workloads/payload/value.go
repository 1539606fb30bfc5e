package payload

import (
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

// The limits of a job. The direct loop, which hands no data over, would ask for more tasks; but
// even one by one and in the slowest codec a job should take only about a second.
const (
	mostTasks = 1 << 14
	mostBytes = 16 << 20 // of all inputs together
)

// A byValue describes a workload whose data travels, in every codec that can encode it.
type byValue[In, Out any] struct {
	own    string                                // name of the default codec
	kernel func(task uint32, in In) (Out, error) // it keeps nothing of in, but may return it
	input  func(seed uint64, size int) In
	digest func(Out) uint64 // a value that depends on all of an output
	slower int              // how many times more slowly it is encoded: a job has fewer tasks
}

func (v byValue[In, Out]) workload(w workloads.Workload) workloads.Workload {
	own, err := v.with(w.Name, v.own)
	if err != nil {
		panic(err) // every workload here names a codec that takes its data
	}
	kernels := map[string]kernel[In, Out]{"": own}
	for _, name := range codec.Names() {
		if k, err := v.with(w.Name+"."+name, name); err == nil {
			kernels[name] = k
			w.Codecs, w.Others = append(w.Codecs, name), append(w.Others, k)
		}
	}
	return define(w, own, v.digest, func(p workloads.Params) (data func(i int) In, t typed[In, Out], err error) {
		// Values are slow to make, so no more than these differ.
		const values = 1024
		data = workloads.Turns(min(workloads.Distinct(p.Payload), values), func(k int) In {
			return v.input(p.Seed*values+uint64(k), p.Payload)
		})
		return data, typed[In, Out]{Kernel: kernels[p.Codec], Tasks: max(1, min(mostTasks, mostBytes/p.Payload)/v.slower)}, nil
	})
}

// with returns the kernel with the named codec; an error if the codec does not take its data.
func (v byValue[In, Out]) with(kernelName, codecName string) (k kernel[In, Out], err error) {
	in, err := codec.For[In](codecName)
	if err != nil {
		return k, err
	}
	if bytes, ok := any(&in).(*strategies.Codec[[]byte]); ok && codecName == raw.Name {
		*bytes = raw.View() // which aliases the input: no kernel here keeps it
	}
	out, err := codec.For[Out](codecName)
	return numbered(kernelName, in, out, v.kernel), err
}
