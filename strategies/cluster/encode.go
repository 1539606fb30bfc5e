package cluster

import (
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// encoded is the result of encode.
type encoded struct {
	b       []byte
	sent    work.Span // tasks whose inputs are in b
	rest    work.Span // tasks that do not fit into b
	failed  int       // task after sent that cannot be encoded, if failure is not nil
	failure error
}

// encode appends the inputs of the tasks of s to b, until b has most bytes. The input of a single
// task may be larger.
func encode(core *work.Core, w int, le *lease, b []byte, s work.Span, most int) encoded {
	e := encoded{b: b, sent: s, rest: s}
	broke := guarded(core, w, func() {
		for e.rest.Len() > 0 && len(e.b) < most && e.failure == nil {
			before, at := len(e.b), e.rest.Lo
			var lent []byte
			if lent, e.failure = le.job.AppendInputs(&e.b, &e.rest, len(e.b)+1); e.failure == nil {
				e.b = append(e.b, lent...)
			}
			if len(e.b) > most && before > 0 || len(e.b) > wire.MaxPayload {
				e.b, e.rest.Lo = e.b[:before], at
				if before > 0 {
					return // the task is sent alone
				}
				e.failure = &work.CodecError{Kernel: le.terms.Kernel, Step: work.EncodingInput.String(), Err: wire.ErrTooLarge}
			}
		}
	})
	if broke != nil {
		e.failure = &work.CodecError{Kernel: le.terms.Kernel, Step: work.EncodingInput.String(), Err: broke}
	}
	e.sent.Hi, e.failed = e.rest.Lo, e.rest.Lo
	if e.failure != nil {
		e.rest.Lo++
	}
	return e
}

// decode decodes the outputs in payload, which are those of the tasks of s, and publishes them.
func decode(core *work.Core, by work.By, le *lease, s work.Span, payload []byte) {
	for rest := s; rest.Len() > 0; {
		var failure error
		if broke := guarded(core, by.Worker, func() {
			for rest.Len() > 0 && failure == nil {
				failure = le.job.SetOutputs(&payload, &rest, nil)
			}
		}); broke != nil {
			failure = &work.CodecError{Kernel: le.terms.Kernel, Step: work.DecodingOutput.String(), Err: broke}
		}
		if failure != nil {
			le.job.Fail(rest.Lo, by, failure)
			rest.Lo++
		}
	}
	le.finish(s, by)
}

// guarded calls f, which calls codecs of the user, on a goroutine of its own. If f panics or calls
// runtime.Goexit, guarded returns an error.
func guarded(core *work.Core, w int, f func()) error {
	failed := make(chan error, 1)
	go core.Task(w, func() {
		returned := false
		defer func() {
			if returned {
				failed <- nil
			} else {
				failed <- work.Caught(recover())
			}
		}()
		f()
		returned = true
	})
	return <-failed
}
