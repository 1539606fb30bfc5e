// Package payload holds workloads that measure the cost of passing data to tasks and back, by the
// size of the data, its type and the way it is passed. The work of a task is to read all of its
// data once.
//
// By value, the data travels with the task or its outcome: send, fetch and mirror carry bytes,
// record and tree carry structs. The codec is an axis of these workloads. By reference, the task
// carries the place of the data: file, mapped. By preparation, each worker gets the data once and
// all tasks share it: shared.
//
// The package is separate because it links every codec. A worker process with all codecs takes
// longer to start than one with only the workloads of package kernels.
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
		newSend(),
		newFetch(),
		newMirror(),
		newRecord(),
		newTree(),
		newFile(),
		newMapped(),
		newShared(),
	}
}

// The smallest and the largest payload, in bytes.
const (
	smallest = codec.SmallestShape
	largest  = codec.LargestShape
)

type (
	kernel[In, Out any] = strategies.Kernel[workloads.Numbered[In], workloads.Numbered[Out]]
	typed[In, Out any]  = workloads.Typed[workloads.Numbered[In], workloads.Numbered[Out]]
)

// numbered returns a kernel that applies f. Its inputs and outputs carry the number of the task.
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

// define completes w to a workload that runs k. Prepare returns the function that makes the data
// of task i, and a Typed, in which define sets Input and Number. Digest returns a value that
// depends on all of an output.
func define[In, Out any](w workloads.Workload, k kernel[In, Out], digest func(Out) uint64, prepare func(p workloads.Params) (data func(i int) In, t typed[In, Out], err error)) workloads.Workload {
	w.Payloads, w.Heavy, w.Smallest, w.Largest = true, true, smallest, largest
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
