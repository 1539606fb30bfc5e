package payload

import (
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/strategies/wire/shared"
	"github.com/payoff-bench/payoff/workloads"
)

// byReference returns a kernel with the name kernelName that does the same as the kernel of v, but
// passes its data by reference. If the input of v is not a byte slice, byReference returns false.
func (v byValue[In, Out]) byReference(kernelName string) (k kernel[In, Out], ok bool) {
	in, ok := any(shared.Bytes()).(strategies.Codec[In])
	if !ok {
		return k, false
	}
	out, ok := any(shared.Bytes()).(strategies.Codec[Out])
	if !ok {
		var err error
		if out, err = codec.For[Out](raw.Name); err != nil {
			return k, false
		}
	}
	return numbered(kernelName, in, out, v.kernel), true
}

// move returns a copy of in with other data: the result of calling the function to with the data of
// in. If the data is not a byte slice, move returns in unchanged.
func move[In any](in workloads.Numbered[In], to func([]byte) []byte) workloads.Numbered[In] {
	if b, ok := any(&in.Value).(*[]byte); ok {
		*b = to(*b)
	}
	return in
}
