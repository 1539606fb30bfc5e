package procs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire"
)

// An Init is what prepares a worker: a kernel that the worker program serves like any
// other, run once in each process before its first task. What it leaves behind is what
// its function leaves in the memory of the process; its output is dropped. The zero Init
// is none. [Prepare] makes one.
type Init struct {
	// Kernel is the name of the kernel.
	Kernel string
	// Input appends its encoded argument. It is called once, by New.
	Input func(dst []byte) ([]byte, error)
	// Limit is how long it may take; 0 means 10 s.
	Limit time.Duration

	input []byte
}

// Prepare is the Init that runs k with the argument in.
func Prepare[In, Out any](k strategies.Kernel[In, Out], in In) Init {
	return Init{Kernel: k.Name, Input: func(dst []byte) ([]byte, error) {
		if k.In.Append == nil {
			return nil, fmt.Errorf("the kernel has no codec")
		}
		return k.In.Append(dst, in)
	}}
}

// encode makes the input.
func (i *Init) encode() (err error) {
	if i.Kernel == "" {
		return nil
	}
	refused := func(err error) error {
		return &strategies.CodecError{Kernel: i.Kernel, Step: "encode input", Err: err}
	}
	defer func() {
		if p := recover(); p != nil {
			err = refused(&strategies.PanicError{Value: p})
		}
	}()
	if i.Input != nil {
		if i.input, err = i.Input(nil); err != nil {
			return refused(err)
		}
	}
	if len(i.input) > wire.MaxPayload-wire.TaskHeaderLen {
		return refused(wire.ErrTooLarge)
	}
	if i.Limit == 0 {
		i.Limit = 10 * time.Second
	}
	return nil
}

// run has a process that has shaken hands prepare itself.
func (i *Init) run(p *process, q *poller, kernels []string) error {
	if i.Kernel == "" {
		return nil
	}
	at := slices.Index(kernels, i.Kernel)
	if at < 0 {
		return &InitError{i.Kernel, fmt.Errorf("the worker program has no such kernel; it has: %s", strings.Join(kernels, ", "))}
	}
	err := p.ask(q, wire.AppendInit(nil, at, i.input), "no end", i.Limit, wire.KindOutputs, wire.KindError)
	if err == nil && p.decoder.Header.Kind == wire.KindError {
		var failure error
		if failure, err = wire.ParseError(i.Kernel, p.decoder.Payload); err == nil {
			err = failure
		}
	}
	if err != nil {
		return &InitError{i.Kernel, err}
	}
	return nil
}
