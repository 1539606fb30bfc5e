package cluster

import (
	"errors"
	"time"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// noted handles a note from the worker.
func (l *lane) noted(kind, value string) {
	switch kind {
	case ran:
		l.session.ran(value)
	case over:
		l.unstarted()
		if value != "" {
			err := &WorkerError{Worker: l.session.name, Err: errors.New(value)}
			l.leave()
			l.x.found(err)
		}
	case bye:
		if value == whole {
			l.unstarted()
		}
		l.lose(errors.New("it was ended"))
	}
}

// arrived handles a frame with outcomes.
func (l *lane) arrived(h *wire.Header, payload []byte) error {
	bad := func(reason string) error { return &wire.FrameError{Header: *h, Reason: reason} }
	n, whole := 1, true
	if h.Kind == wire.KindOutputs {
		n, whole = wire.CountTasks(payload)
	} else if h.Kind != wire.KindError {
		return bad("not an outcome")
	}
	if l.job == nil || !whole || int64(h.Number)+int64(n) > int64(len(l.done)) {
		return bad("it does not have the outcome of a task that was sent")
	}
	le, lo := l.job, l.chunk.Lo+int(h.Number)
	for i := range n {
		if l.done[int(h.Number)+i] {
			return bad("a task has two outcomes")
		}
		l.done[int(h.Number)+i] = true
	}
	if h.Kind == wire.KindError {
		failure, err := wire.ParseError(le.terms.Kernel, payload)
		if err != nil {
			return err
		}
		l.failed(le, lo, failure)
	} else {
		l.outputs(le, work.Span{Lo: lo, Hi: lo + n}, payload)
	}
	if d := time.Since(l.sent); !le.terms.Stream || l.left == n {
		le.took(len(l.done)-l.left+n, d)
	}
	l.fewer(n)
	return nil
}

// fewer records that n more tasks of the chunk are done, and ends the chunk when all are.
func (l *lane) fewer(n int) {
	if l.left -= n; l.left == 0 {
		l.job = nil
		l.busy.Store(false)
	}
}

// outputs decodes the outputs in payload, which are those of the tasks of s, and publishes them.
func (l *lane) outputs(le *lease, s work.Span, payload []byte) {
	for rest := s; rest.Len() > 0; {
		var failure error
		if broke := l.guarded(func() {
			for rest.Len() > 0 && failure == nil {
				failure = le.job.SetOutputs(&payload, &rest, nil)
			}
		}); broke != nil {
			failure = &work.CodecError{Kernel: le.terms.Kernel, Step: work.DecodingOutput.String(), Err: broke}
		}
		if failure != nil {
			le.job.Fail(rest.Lo, l.by(le, rest.Lo), failure)
			rest.Lo++
		}
	}
	le.finish(s, work.By{Worker: l.w, Process: l.session.process})
}

// failed handles the failure of the task in slot i. A task whose process was lost runs again if its
// job allows it.
func (l *lane) failed(le *lease, i int, failure error) {
	_, lost := failure.(*work.LostError)
	cause := le.job.Cancelled()
	switch {
	case lost && l.x.stopped.Load():
		failure = work.ErrClosed
	case lost && cause == nil && le.again(i):
		le.giveBack(work.Span{Lo: i, Hi: i + 1})
		l.x.signal()
		return
	case failure == wire.ErrCancelled && cause != nil:
		failure = cause
	}
	by := l.by(le, i)
	le.job.Fail(i, by, failure)
	le.finish(work.Span{Lo: i, Hi: i + 1}, by)
}

// unstarted gives back the tasks of the chunk without an outcome. The worker has not started them.
func (l *lane) unstarted() {
	le := l.job
	if le == nil {
		return
	}
	for i, done := range l.done {
		if done {
			continue
		}
		s := work.Span{Lo: l.chunk.Lo + i, Hi: l.chunk.Lo + i + 1}
		if le.job.Cancelled() != nil {
			le.skip(s, l.w)
		} else {
			le.giveBack(s)
		}
	}
	l.fewer(l.left)
	l.x.signal()
}

// lose gives up the worker because of the error why. Tasks without an outcome may have started.
func (l *lane) lose(why error) {
	s, le := l.session, l.job
	if s == nil {
		return
	}
	if le != nil {
		loss := s.lostError(why)
		for i, done := range l.done {
			if !done {
				l.failed(le, l.chunk.Lo+i, loss)
			}
		}
		l.fewer(l.left)
	}
	l.news.Store(true)
	l.leave()
}
