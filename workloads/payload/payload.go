// Package payload holds workloads that measure the cost of passing data to tasks and back. The cost
// depends on the size and type of the data, and on the way of passing it. The work of a task is to
// read all of its data once.
//
// The workloads send, fetch, mirror, record and tree pass data by value, in the input or the
// outcome of a task. The data is bytes in send, fetch and mirror, and structs in record and tree.
// These workloads allow a choice of codecs. The workloads file and mapped pass data by reference: a
// task carries the place of the data. In the workload shared, each worker receives the data once,
// and all of its tasks use it.
//
// The package is separate from package kernels, because it links every codec. A worker process with
// all codecs takes longer to start than a process with only the workloads of package kernels.
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
		newCRC(),
		newFetch(),
		newMirror(),
		newRecord(),
		newTree(),
		newFile(),
		newMapped(),
		newShared(),
	}
}

// The smallest and the largest payload of the workloads in this package, in bytes.
const (
	smallest = codec.SmallestShape
	largest  = codec.LargestShape
)

type (
	kernel[In, Out any] = strategies.Kernel[workloads.Numbered[In], workloads.Numbered[Out]]
	typed[In, Out any]  = workloads.Typed[workloads.Numbered[In], workloads.Numbered[Out]]
)

// numbered returns a kernel that applies f to the value in its input. Each input and each output of
// the kernel carries the number of its task.
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

// sized returns a copy of w with the settings that all workloads of this package share, such as the
// limits of the payload.
func sized(w workloads.Workload) workloads.Workload {
	w.Payloads, w.Heavy, w.Smallest, w.Largest = true, true, smallest, largest
	return w
}

// define returns a copy of w whose tasks run the kernel k. The functions digest and prepare are
// explained at [preparing].
func define[In, Out any](w workloads.Workload, k kernel[In, Out], digest func(Out) uint64, prepare func(p workloads.Params) (data func(i int) In, t typed[In, Out], err error)) workloads.Workload {
	return workloads.Define(sized(w), k, preparing(digest, prepare))
}

// preparing returns the function that prepares a load, for workloads.Define. This function calls
// prepare and sets the fields Input, Move and Number of the Typed that prepare returns. The
// function data, the other result of prepare, makes the data of task i. The function digest returns
// a value that depends on every part of an output.
func preparing[In, Out any](digest func(Out) uint64, prepare func(p workloads.Params) (data func(i int) In, t typed[In, Out], err error)) func(workloads.Params) (typed[In, Out], error) {
	return func(p workloads.Params) (typed[In, Out], error) {
		data, t, err := prepare(p)
		t.Input = func(i, _ int) workloads.Numbered[In] {
			return workloads.Numbered[In]{Index: uint32(i), Value: data(i)}
		}
		t.Move = move[In]
		t.Number = func(o workloads.Numbered[Out]) (int, uint64) { return int(o.Index), digest(o.Value) }
		return t, err
	}
}

// whole returns v. It is the function digest of workloads whose outputs are numbers.
func whole(v uint64) uint64 { return v }
