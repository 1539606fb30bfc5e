package web

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A visit is a task that calls a server. The server waits for Steps nanoseconds and then answers
// with Size bytes.
type visit struct {
	workloads.Task
	Size   uint32
	Server string // address of the server
}

func visitCodec() strategies.Codec[visit] {
	return workloads.InputCodec("visit", 4+1, 4+workloads.MaxAddress,
		func(dst []byte, v visit) []byte {
			return append(binary.LittleEndian.AppendUint32(dst, v.Size), v.Server...)
		},
		func(head workloads.Task, rest []byte) (visit, error) {
			v := visit{head, binary.LittleEndian.Uint32(rest), string(rest[4:])}
			if v.Size > workloads.MaxPayload {
				return v, fmt.Errorf("visit of a server with an answer of %d bytes: must be at most %d", v.Size, workloads.MaxPayload)
			}
			return v, nil
		})
}

// An asking describes how the tasks of a workload call the workload's server.
type asking struct {
	// ask calls the server and returns its answer.
	ask func(context.Context, visit) ([]byte, error)
	// begin does the same as ask on an event loop, like the field Begin of [strategies.Kernel].
	// It is nil if there is no such form.
	begin func(ctx context.Context, v visit, ev strategies.Events, done func([]byte, error))
	// idle closes the connections that no task uses at the moment.
	idle func()
}

// workload returns a copy of w whose tasks call a server and hash its answer. The function w.Serve
// runs the server.
func (a asking) workload(w workloads.Workload) workloads.Workload {
	w.Waits, w.Grains, w.Payloads, w.Heavy = true, true, true, true
	k := strategies.Kernel[visit, workloads.Timed]{
		In:  visitCodec(),
		Out: workloads.TimedCodec(),
		Func: workloads.Time(func(ctx context.Context, v visit) (o workloads.Outcome, err error) {
			var answer []byte
			strategies.Blocking(ctx, func() { answer, err = a.ask(ctx, v) })
			return v.answered(ctx, answer, err)
		}),
	}
	if a.begin != nil {
		k.Begin = func(ctx context.Context, v visit, ev strategies.Events, done func(workloads.Timed, error)) {
			began := time.Now()
			a.begin(ctx, v, ev, func(answer []byte, err error) {
				o, err := v.answered(ctx, answer, err)
				done(workloads.Timed{Outcome: o, Nanos: uint64(time.Since(began))}, err)
			})
		}
	}
	return workloads.DefinePlain(w, k, func(p workloads.Params) (workloads.Typed[visit, workloads.Timed], error) {
		return workloads.Typed[visit, workloads.Timed]{
			Input:  func(i, grain int) visit { return visit{p.Task(i, uint64(grain)), uint32(p.Payload), p.Server} },
			Number: workloads.Timed.Number,
			Look:   workloads.Service,
			Free:   func() error { a.idle(); return nil },
		}, nil
	})
}

// answered returns the outcome of the task v. The arguments answer and err are the results of the
// call to the server. If err is not nil or the answer has the wrong length, the method answered
// returns an error that names the server.
func (v visit) answered(ctx context.Context, answer []byte, err error) (workloads.Outcome, error) {
	if err == nil && len(answer) != int(v.Size) {
		err = fmt.Errorf("the answer has %d bytes, must have %d", len(answer), v.Size)
	}
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return workloads.Outcome{}, fmt.Errorf("server %s: %w", v.Server, err)
	}
	return workloads.Outcome{Index: v.Index, Value: mix.Hash(v.Start(), answer)}, nil
}

// content returns v.Size pseudo-random bytes that depend only on the task in v.
func (v visit) content() []byte {
	b := make([]byte, v.Size)
	mix.Fill(b, v.Start())
	return b
}
