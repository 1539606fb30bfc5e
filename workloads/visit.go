package workloads

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// A Visit is a task that asks a server: to wait for Steps ns and answer so many bytes.
type Visit struct {
	Task
	Size   uint32
	Server string // its address
}

const maxAddress = 64

// VisitCodec is that of [Visit].
func VisitCodec() strategies.Codec[Visit] {
	const size = taskSize + 4
	return strategies.Codec[Visit]{
		Append: func(dst []byte, v Visit) ([]byte, error) {
			dst, _ = appendTask(dst, v.Task)
			return append(binary.LittleEndian.AppendUint32(dst, v.Size), v.Server...), nil
		},
		Decode: func(src []byte) (Visit, error) {
			if len(src) <= size || len(src) > size+maxAddress {
				return Visit{}, fmt.Errorf("visit of %d bytes: must be %d to %d", len(src), size+1, size+maxAddress)
			}
			t, rest := cutTask(src)
			v := Visit{t, binary.LittleEndian.Uint32(rest), string(rest[4:])}
			if v.Size > MaxPayload {
				return Visit{}, fmt.Errorf("visit for %d bytes: must be at most %d", v.Size, MaxPayload)
			}
			return v, nil
		},
	}
}

// An Asking is how a task asks its server: the server waits for the grain and answers as many
// bytes as the payload has.
type Asking struct {
	// Ask returns what was answered.
	Ask func(context.Context, Visit) ([]byte, error)
	// Begin is its resumable form, as of a [strategies.Kernel]; nil for none.
	Begin func(ctx context.Context, v Visit, ev strategies.Events, done func([]byte, error))
	// Idle ends what asking keeps open; nil for nothing.
	Idle func()
}

// Visiting completes w to a workload whose tasks ask the server w.Serve. The kernel hashes
// what was answered.
func Visiting(w Workload, asking Asking) Workload {
	k := strategies.Kernel[Visit, Waited]{
		Name: w.Name,
		In:   VisitCodec(),
		Out:  waitedCodec(),
		Func: timed(func(ctx context.Context, v Visit) (o Outcome, err error) {
			var answer []byte
			strategies.Blocking(ctx, func() { answer, err = asking.Ask(ctx, v) })
			return v.answered(ctx, answer, err)
		}),
	}
	if asking.Begin != nil {
		k.Begin = func(ctx context.Context, v Visit, ev strategies.Events, done func(Waited, error)) {
			began := time.Now()
			asking.Begin(ctx, v, ev, func(answer []byte, err error) {
				o, err := v.answered(ctx, answer, err)
				done(Waited{o, uint64(time.Since(began))}, err)
			})
		}
	}
	w.Waits, w.Grains, w.Payloads, w.Kernel = true, true, true, k
	w.New = func(p Params) (Load, error) {
		if err := w.Check(p); err != nil {
			return nil, err
		}
		if p.Server == "" || len(p.Server) > maxAddress {
			return nil, &ParamError{w.Name, "server", p.Server, "the address of its server"}
		}
		return &Typed[Visit, Waited]{
			Kernel: k,
			Params: p,
			Input: func(i, grain int) Visit {
				return Visit{task(p.Seed, i, uint64(grain)), uint32(p.Payload), p.Server}
			},
			Number: waitedNumber,
			Look:   service,
			Free: func() error {
				if asking.Idle != nil {
					asking.Idle()
				}
				return nil
			},
		}, nil
	}
	return w
}

// answered is the outcome of a visit.
func (v Visit) answered(ctx context.Context, answer []byte, err error) (Outcome, error) {
	if err == nil && len(answer) != int(v.Size) {
		err = fmt.Errorf("%d bytes came for %d", len(answer), v.Size)
	}
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return Outcome{}, fmt.Errorf("server %s: %w", v.Server, err)
	}
	return Outcome{v.Index, hash(v.start(), answer)}, nil
}

// Content is size bytes that depend on v alone, for a server that makes them.
func (v Visit) Content() []byte {
	b := make([]byte, v.Size)
	fill(b, v.start())
	return b
}
