// Package payload holds workloads whose tasks are about their data: what it costs to hand
// some over and to get some back, by its size, by its type, and by the way it is handed
// over. The work of a task is to read all of it once.
//
// By value, the data travels with the task, or back: [Send], [Fetch] and [Mirror] are
// bytes, [Record] and [Tree] structs; the codec is an axis of these. By reference, the
// task says where to look: [File], [Mapped]. By initialiser, all tasks share data that each
// worker is handed once: [Shared].
//
// They are a package of their own for what they link: a worker process that knows every
// codec takes longer to start than one that knows the workloads of package kernels.
package payload

import (
	"context"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/workloads"
)

// All returns the workloads of this package.
func All() []workloads.Workload {
	return []workloads.Workload{
		Send(),
		Fetch(),
		Mirror(),
		Record(),
		Tree(),
		File(),
		Mapped(),
		Shared(),
	}
}

// The sizes in bytes that the workloads here take.
const (
	Smallest = codec.SmallestShape
	Largest  = codec.LargestShape
)

type (
	kernel[In, Out any] = strategies.Kernel[workloads.Numbered[In], workloads.Numbered[Out]]
	typed[In, Out any]  = workloads.Typed[workloads.Numbered[In], workloads.Numbered[Out]]
)

// numbered returns a kernel that applies f, whose inputs and outputs know their task.
func numbered[In, Out any](name string, in strategies.Codec[In], out strategies.Codec[Out], f func(task uint32, in In) (Out, error)) kernel[In, Out] {
	return kernel[In, Out]{
		Name: name,
		In:   workloads.NumberedCodec(in),
		Out:  workloads.NumberedCodec(out),
		Func: func(_ context.Context, in workloads.Numbered[In]) (workloads.Numbered[Out], error) {
			out, err := f(in.Index, in.Value)
			return workloads.Numbered[Out]{Index: in.Index, Value: out}, err
		},
	}
}

// define completes w to a workload that runs k: prepare returns the data of task i, and what
// else a load has. Digest returns what only the whole of an output yields.
func define[In, Out any](w workloads.Workload, k kernel[In, Out], digest func(Out) uint64, prepare func(p workloads.Params) (data func(i int) In, t typed[In, Out], err error)) workloads.Workload {
	w.Payloads, w.Heavy, w.Smallest, w.Largest = true, true, Smallest, Largest
	return workloads.Define(w, k, func(p workloads.Params) (typed[In, Out], error) {
		data, t, err := prepare(p)
		t.Input = func(i, _ int) workloads.Numbered[In] {
			return workloads.Numbered[In]{Index: uint32(i), Value: data(i)}
		}
		t.Number = func(o workloads.Numbered[Out]) (int, uint64) { return int(o.Index), digest(o.Value) }
		return t, err
	})
}

// whole is the digest of an output that is a number.
func whole(v uint64) uint64 { return v }
