//go:build unix

package procs

import (
	"context"
	"errors"
	"os/signal"
	"slices"
	"syscall"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/strategies/wire/shared"
	"github.com/payoff-bench/payoff/strategies/work"
)

// touch adds one to a byte of each page of its input and returns the input.
var touch = strategies.Kernel[shared.Buffer, shared.Buffer]{
	Name: "touch", In: shared.Codec(), Out: shared.Codec(),
	Func: func(_ context.Context, b shared.Buffer) (shared.Buffer, error) {
		v, err := b.Bytes()
		touchPages(v)
		return b, err
	},
}

func touchPages(v []byte) {
	for i := 0; i < len(v); i += 4096 {
		v[i]++
	}
}

// touchBytes is touch for byte slices.
var touchBytes = strategies.Kernel[[]byte, []byte]{
	Name: "touch bytes", In: shared.Bytes(), Out: shared.Bytes(),
	Func: func(_ context.Context, v []byte) ([]byte, error) {
		touchPages(v)
		return v, nil
	},
}

// touchCopied is touch for byte slices that are copied as fast as a codec can.
var touchCopied = strategies.Kernel[[]byte, []byte]{Name: "touch copied", In: raw.View(), Out: raw.Slice[byte](), Func: touchBytes.Func}

// An order is an input with buffers as fields. The field Do names an invalid action that the kernel
// should try; "" means none.
type order struct {
	Do      string
	In, Out shared.Buffer
}

// kept is the buffer that a misdeed of this worker has kept.
var kept shared.Buffer

// addAll writes each byte of In plus 1 to Out, and returns an order with Out.
func addAll(_ context.Context, o order) (order, error) {
	in, err1 := o.In.Bytes()
	out, err2 := o.Out.Bytes()
	if err := errors.Join(err1, err2); err != nil || len(out) < len(in) {
		return order{}, errors.Join(err, errors.New("out is too short"))
	}
	for i, v := range in {
		out[i] = v + 1
		if o.Do == "kill" && i == len(in)/2 {
			syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	switch o.Do {
	case "stubborn": // writes until it is killed
		signal.Ignore(syscall.SIGTERM)
		for v := byte(0); ; v++ {
			for i := range out {
				out[i] = v
			}
		}
	case "keep":
		kept = o.In
	case "use kept":
		_, err := kept.Bytes()
		return order{}, err
	case "return kept":
		return order{Out: kept}, nil
	case "free":
		return order{}, o.In.Free()
	case "make":
		return order{Out: shared.Of(slices.Clone(out))}, nil
	case "panic":
		panic("boom")
	}
	return order{Out: o.Out}, nil
}

// adders holds a kernel with addAll for each codec of structs. Those of the codec "own" are the
// default.
var adders = func() map[string]strategies.Kernel[order, order] {
	all := map[string]strategies.Kernel[order, order]{}
	for _, name := range codec.Names() {
		if c, err := codec.For[order](name); err == nil {
			all[name] = strategies.Kernel[order, order]{Name: "add by " + name, In: c, Out: c, Func: addAll, Errors: []error{shared.ErrEnded, shared.ErrBorrowed}}
		}
	}
	return all
}()

var adder = adders[codec.Default]

func bufferKernels() []work.Callable {
	all := []work.Callable{touch, touchBytes, touchCopied}
	for _, k := range adders {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b work.Callable) int { // each process makes the list anew
		if a.KernelName() < b.KernelName() {
			return -1
		}
		return 1
	})
	return all
}
