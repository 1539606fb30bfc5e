package cluster

import (
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// outcome handles a frame with outcomes of the tasks in the slots of s. The argument attempts is
// the number of times that these tasks were started.
func (l *durableLane) outcome(le *durableLease, h *wire.Header, s work.Span, payload []byte, attempts int) error {
	le.tried(s, attempts)
	if h.Kind == wire.KindOutputs {
		decode(&l.x.core, l.by(attempts), le.lease, s, payload)
		return nil
	}
	failure, err := wire.ParseError(le.terms.Kernel, payload)
	if err != nil {
		return err
	}
	cause := le.job.Cancelled()
	_, lost := failure.(*work.LostError)
	switch {
	case lost && l.x.stopped.Load():
		failure = work.ErrClosed
	case failure == wire.ErrCancelled && cause != nil:
		failure = cause
	case failure == wire.ErrCancelled: // an earlier executor cancelled the task
		failure = &work.LostError{Cause: "the task was cancelled while it ran, and its job was taken up later", ExitCode: -1}
	}
	l.fail(le, s.Lo, failure)
	return nil
}

func (l *durableLane) fail(le *durableLease, i int, failure error) {
	by := l.by(max(1, l.state.claims))
	le.job.Fail(i, by, failure)
	le.finish(work.Span{Lo: i, Hi: i + 1}, by)
}

func (l *durableLane) by(attempts int) work.By {
	return work.By{Worker: l.w, Process: l.process, Attempt: attempts}
}

// tried records that each task of s was started the given number of times.
func (le *durableLease) tried(s work.Span, attempts int) {
	if attempts == 1 {
		return
	}
	le.mu.Lock()
	defer le.mu.Unlock()
	if le.lost == nil {
		le.lost = map[int]int{}
	}
	for i := s.Lo; i < s.Hi; i++ {
		le.lost[i] = attempts - 1
	}
}
