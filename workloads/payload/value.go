package payload

import (
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

// Limits of a job. With them, a job takes at most about a second, even if tasks run one at a time
// and with the slowest codec. They are necessary because the time of the direct loop determines the
// size of a job. The direct loop passes no data, so it could run far more tasks in that time.
const (
	mostTasks = 1 << 14  // tasks of a job
	mostBytes = 16 << 20 // bytes of all inputs of a job together
)

// A byValue describes a workload whose tasks carry their data, and so pass the data by value. The
// workload has a kernel for each codec that can encode the data.
type byValue[In, Out any] struct {
	kernel  func(task uint32, in In) (Out, error) // must not keep a reference to in, but may return it
	input   func(seed uint64, size int) In
	digest  func(Out) uint64 // returns a value that depends on every part of an output
	structs bool             // whether the data are structs with pointers, which the codec raw cannot encode
}

func (v byValue[In, Out]) workload(w workloads.Workload) workloads.Workload {
	ownCodec, slower := raw.Name, 1
	if v.structs {
		ownCodec, slower = codec.Default, 8 // encoding structs takes about 8 times as long as bytes, so a job has fewer tasks
	}
	own, err := v.with(w.Name, ownCodec)
	if err != nil {
		panic(err) // cannot happen: this codec can encode the data of every workload in this package
	}
	kernels := map[string]kernel[In, Out]{"": own}
	for _, name := range codec.Names() {
		if k, err := v.with(w.Name+"."+name, name); err == nil {
			kernels[name] = k
			w.Codecs, w.Others = append(w.Codecs, name), append(w.Others, k)
		}
	}
	if k, ok := v.byReference(w.Name + "." + workloads.Reference); ok {
		kernels[workloads.Reference] = k
		w.Codecs, w.Others = append(w.Codecs, workloads.Reference), append(w.Others, k)
	}
	return workloads.DefinePlain(sized(w), own, preparing(v.digest, func(p workloads.Params) (data func(i int) In, t typed[In, Out], err error) {
		// Making a value takes long, so a job has at most this many different values.
		const values = 1024
		data = workloads.Turns(min(workloads.Distinct(p.Payload), values), func(k int) In {
			return v.input(p.Seed*values+uint64(k), p.Payload)
		})
		return data, typed[In, Out]{Kernel: kernels[p.Codec], Tasks: max(1, min(mostTasks, mostBytes/p.Payload)/slower)}, nil
	}))
}

// with returns a kernel with the name kernelName that uses the codec with the name codecName. It
// returns an error if this codec cannot encode the data.
func (v byValue[In, Out]) with(kernelName, codecName string) (k kernel[In, Out], err error) {
	in, err := codec.For[In](codecName)
	if err != nil {
		return k, err
	}
	if bytes, ok := any(&in).(*strategies.Codec[[]byte]); ok && codecName == raw.Name {
		*bytes = raw.View() // decoding makes no copy; this is safe because no kernel of this package keeps its input
	}
	out, err := codec.For[Out](codecName)
	return numbered(kernelName, in, out, v.kernel), err
}
