package cluster

import (
	"context"
	"fmt"
	"sync"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A relay is the job with which a slot runs the tasks of one frame on its worker process. It does
// not decode the inputs and outputs.
type relay struct {
	to     receiver
	terms  work.Terms
	inputs [][]byte

	mu     sync.Mutex
	todo   []work.Span // tasks that the executor of the slot has not taken
	cause  error
	out    [][]byte // by task: its output, between SetOutputs and Finish
	failed []error  // by task: its failure, between Fail and Finish
	left   int      // number of tasks without an outcome
}

// A receiver takes the outcomes of the tasks of a relay. The relay calls the receiver with its own
// lock held. So a receiver must not call the relay while it holds a lock that its methods need.
type receiver interface {
	// outcomes takes frames with the outcomes of tasks that the process by ran.
	outcomes(frames []byte, by *work.Worker)
	// unstarted reports that no task without an outcome has started. The argument why is the
	// reason; it is empty if the job was cancelled.
	unstarted(why string)
}

func newRelay(to receiver, kernel string, h *wire.Header, payload []byte) (*relay, error) {
	r := &relay{to: to, left: int(h.Number), terms: work.Terms{Kernel: kernel, Chunk: chunk.Fixed(1), Stream: h.Flags&wire.FlagPrompt != 0}}
	if n, ok := wire.CountTasks(payload); !ok || n != int(h.Number) {
		return nil, &wire.FrameError{Header: *h, Reason: "tasks are incomplete"}
	}
	for len(payload) > 0 {
		var in []byte
		in, payload, _ = wire.NextTask(payload)
		r.inputs = append(r.inputs, in)
	}
	r.todo = []work.Span{{Hi: r.left}}
	r.out, r.failed = make([][]byte, r.left), make([]error, r.left)
	return r, nil
}

func (r *relay) Terms() *work.Terms { return &r.terms }
func (r *relay) Key(int) uint64     { return 0 }

// Begin implements [work.Job]. Executors of worker processes do not call it.
func (r *relay) Begin(context.Context, int, work.Events, func(func())) {}

func (r *relay) Take(int) (work.Span, work.State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.todo) == 0 || r.cause != nil {
		return work.Span{}, work.Over
	}
	s := r.todo[0]
	r.todo = r.todo[1:]
	return s, work.Ready
}

// Drain implements [work.Job]. The tasks of the range never start: the executor of a slot calls Drain
// only for a cancelled job.
func (r *relay) Drain(_ context.Context, ran *work.Range, _ int) <-chan struct{} {
	ran.Clear()
	return nil
}

func (r *relay) AppendInputs(dst *[]byte, s *work.Span, limit int) (rest []byte, err error) {
	for s.Len() > 0 && len(*dst) < limit {
		in := r.inputs[s.Lo]
		n := uint32(len(in))
		*dst = append(*dst, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
		s.Lo++
		if len(in) >= work.LentFrom {
			return in, nil
		}
		*dst = append(*dst, in...)
	}
	return nil, nil
}

func (r *relay) SetOutputs(src *[]byte, s *work.Span, give func() bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	given := give != nil && give()
	for s.Len() > 0 && len(*src) > 0 {
		out, rest, _ := wire.NextTask(*src)
		if !given {
			out = append(make([]byte, 0, len(out)), out...)
		}
		r.out[s.Lo] = out
		s.Lo++
		*src = rest
	}
	return nil
}

func (r *relay) Fail(i int, _ work.By, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed[i] = err
}

// Finish implements [work.Job]. It sends the outcomes.
func (r *relay) Finish(s work.Span, by work.By) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b []byte
	for i := s.Lo; i < s.Hi; i++ {
		at := len(b)
		b = append(b, make([]byte, wire.HeaderLen)...)
		h := wire.Header{Kind: wire.KindOutputs, Number: uint32(i)}
		if r.failed[i] != nil {
			h.Kind = wire.KindError
			b = wire.AppendOutcome(b, r.failed[i])
		} else {
			for ; ; i++ {
				n := uint32(len(r.out[i]))
				b = append(b, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
				b = append(b, r.out[i]...)
				r.out[i] = nil
				if i+1 == s.Hi || r.failed[i+1] != nil || len(b)-at+len(r.out[i+1]) > mostBytes {
					break
				}
			}
		}
		h.Len = uint32(len(b) - at - wire.HeaderLen)
		h.Put(b[at:])
	}
	r.left -= s.Len()
	r.to.outcomes(b, by.Process)
}

// Cancel implements [work.Job].
func (r *relay) Cancel(cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cause == nil {
		r.cause = cause
	}
}

func (r *relay) Cancelled() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cause
}

// end tells the receiver that the remaining tasks have not started. The caller calls it after the
// executor of the slot has finished the job.
func (r *relay) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left == 0 {
		return
	}
	why := ""
	if r.cause != nil && r.cause != wire.ErrCancelled && r.cause != work.ErrClosed {
		why = line(r.cause)
	}
	r.to.unstarted(why)
}

// line returns the text of err as one line of ASCII, for the header of a message.
func line(err error) string {
	text := fmt.Sprintf("%+q", err.Error())
	return text[1 : len(text)-1]
}

// open reports whether some tasks of the job have no outcome.
func (r *relay) open() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.left > 0
}
