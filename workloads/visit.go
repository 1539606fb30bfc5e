package workloads

import (
	"context"
	"encoding/binary"
	"fmt"

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

// Visiting completes w to a workload whose tasks ask the server w.Serve: f asks, and
// returns what was answered, which the kernel hashes. The server waits for the grain and
// answers as many bytes as the payload has. Idle, if not nil, ends what f keeps open.
func Visiting(w Workload, f func(context.Context, Visit) ([]byte, error), idle func()) Workload {
	k := strategies.Kernel[Visit, Waited]{
		Name: w.Name,
		In:   VisitCodec(),
		Out:  waitedCodec(),
		Func: timed(func(ctx context.Context, v Visit) (o Outcome, err error) {
			var answer []byte
			strategies.Blocking(ctx, func() { answer, err = f(ctx, v) })
			if err == nil && len(answer) != int(v.Size) {
				err = fmt.Errorf("%d bytes came for %d", len(answer), v.Size)
			}
			if err != nil {
				if ctx.Err() != nil {
					err = context.Cause(ctx)
				}
				return o, fmt.Errorf("server %s: %w", v.Server, err)
			}
			return Outcome{v.Index, hash(v.start(), answer)}, nil
		}),
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
				if idle != nil {
					idle()
				}
				return nil
			},
		}, nil
	}
	return w
}

// Content is size bytes that depend on v alone, for a server that makes them.
func (v Visit) Content() []byte {
	b := make([]byte, v.Size)
	fill(b, v.start())
	return b
}
