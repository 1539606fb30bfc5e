package cluster

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A lane is a goroutine that uses one slot of a worker, or looks for a slot. It sends one chunk at
// a time, and receives the outcomes.
type lane struct {
	x      *Executor
	w      int
	wake   chan struct{}
	broken atomic.Bool             // the connection to the server broke
	has    atomic.Pointer[session] // copy of session for other goroutines
	busy   atomic.Bool             // reports whether job is not nil, for other goroutines

	session *session
	joined  chan *session // receives the result of the search for a slot; nil if no search runs
	seeking bool
	news    atomic.Bool // a slot may be free, or a search is due

	job    *lease    // job of the chunk that was sent; nil if there is none
	chunk  work.Span // tasks of the chunk
	done   []bool    // by number in the chunk: whether the task has an outcome or was given back
	left   int       // number of tasks for which done is false
	sent   time.Time
	turn   int    // counts the turns of jobs
	asked  bool   // the worker was asked to cancel the chunk
	buffer []byte // reused memory for a frame
}

// serve runs the lane until the executor ends. If a chunk policy ends its goroutine by Goexit, a new
// one continues.
func (l *lane) serve() {
	for ended := false; !ended; {
		var one sync.WaitGroup
		one.Go(func() {
			l.run()
			ended = true
		})
		one.Wait()
	}
	l.end()
}

// run does the work of the lane until the executor ends.
func (l *lane) run() {
	again := time.NewTicker(l.x.options.Period)
	defer again.Stop()
	for {
		leases, over := l.x.jobs()
		if over {
			return
		}
		l.look()
		l.letGo(leases)
		l.fill(leases)
		l.seek()
		var in <-chan *nats.Msg
		if l.session != nil {
			in = l.session.in
		}
		select {
		case <-l.wake:
		case m := <-in:
			if err := l.session.receive(m, l.noted, l.arrived); err != nil {
				l.lose(err)
			}
		case s := <-l.joined:
			l.seeking = false
			if s != nil {
				l.broken.Store(false)
				l.set(s)
			}
		case <-again.C:
			l.news.Store(true)
		}
	}
}

// look gives up the worker if it is lost or if the context of Stop has ended. After Stop, it also
// gives back the slot if the lane has no chunk.
func (l *lane) look() {
	s := l.session
	if s == nil {
		return
	}
	if l.broken.Swap(false) {
		s.broken.Store(true)
	}
	if l.x.stopped.Load() && l.job == nil {
		l.leave() // the lane does not wait for the end of jobs, because a stream's input may block
	} else if l.x.killing.Load() {
		l.lose(work.ErrClosed)
	} else if err := s.silent(); err != nil {
		l.lose(err)
	}
}

// seek starts a search for a slot on another goroutine, if the lane has no slot.
func (l *lane) seek() {
	if l.session != nil || l.seeking || l.x.stopped.Load() || !l.news.Swap(false) {
		return
	}
	l.seeking = true
	go func() {
		s, err := l.hello(l.x.requests())
		l.x.found(err)
		l.joined <- s
	}()
}

// end gives back the slot when the executor ends.
func (l *lane) end() {
	l.x.quit()
	if l.seeking {
		l.set(<-l.joined)
	}
	l.leave()
}

// letGo drops the tasks of cancelled jobs. It skips tasks that no lane has claimed, and asks the
// worker to cancel the tasks of the lane's chunk.
func (l *lane) letGo(leases []*lease) {
	for _, le := range leases {
		if le.job.Cancelled() == nil {
			continue
		}
		for _, s := range le.all() {
			le.skip(s, l.w)
		}
		if l.job == le && !l.asked {
			l.asked = true
			kind := cancel
			if l.x.stopped.Load() {
				kind = stop
			}
			l.session.note(kind, "")
		}
	}
}

// fill claims a chunk and sends it, if the lane has a slot and no chunk. Jobs take turns.
func (l *lane) fill(leases []*lease) {
	for range leases {
		le := leases[l.turn%len(leases)]
		l.turn++
		for l.session != nil && l.job == nil && !l.x.stopped.Load() && le.job.Cancelled() == nil {
			s := le.claim()
			if s.Len() == 0 {
				break
			}
			l.send(le, s)
		}
		if l.job != nil {
			return
		}
	}
}

// mostBytes is the size of a frame from which lanes add no further task to it.
const mostBytes = 8 << 20

// send sends the tasks of s. If they exceed mostBytes, it sends the first ones, and gives the
// others back to the lease le. A task that cannot be encoded fails.
func (l *lane) send(le *lease, s work.Span) {
	b := append(l.buffer[:0], make([]byte, wire.HeaderLen)...)
	rest := s
	var failure error
	broke := l.guarded(func() {
		for rest.Len() > 0 && len(b) < mostBytes && failure == nil {
			before, at := len(b), rest.Lo
			var lent []byte
			if lent, failure = le.job.AppendInputs(&b, &rest, len(b)+1); failure == nil {
				b = append(b, lent...)
			}
			if len(b)-wire.HeaderLen > wire.MaxPayload {
				b, rest.Lo = b[:before], at
				if before > wire.HeaderLen {
					return // the task is sent alone
				}
				failure = &work.CodecError{Kernel: le.terms.Kernel, Step: work.EncodingInput.String(), Err: wire.ErrTooLarge}
			}
		}
	})
	if broke != nil {
		failure = &work.CodecError{Kernel: le.terms.Kernel, Step: work.EncodingInput.String(), Err: broke}
	}
	s.Hi = rest.Lo
	if failure != nil {
		by := l.by(le, rest.Lo)
		le.job.Fail(rest.Lo, by, failure)
		le.finish(work.Span{Lo: rest.Lo, Hi: rest.Lo + 1}, by)
		rest.Lo++
	}
	if rest.Len() > 0 {
		le.giveBack(rest)
		l.x.signal()
	}
	if l.buffer = b; cap(b) > mostBytes {
		l.buffer = nil
	}
	n := s.Len()
	if n == 0 {
		return
	}
	h := wire.Header{Len: uint32(len(b) - wire.HeaderLen), Kind: wire.KindTasks, Kernel: uint32(l.session.kernel(le.terms.Kernel)), Number: uint32(n)}
	if le.terms.Stream {
		h.Flags = wire.FlagPrompt
	}
	h.Put(b)
	l.job, l.chunk, l.left, l.asked, l.sent = le, s, n, false, time.Now()
	l.done = append(l.done[:0], make([]bool, n)...)
	l.busy.Store(true)
	note := ""
	if d := le.terms.Limit; d > 0 {
		note = limit + " " + d.String()
	}
	if err := l.session.write(b, note); err != nil {
		l.lose(err)
	}
}

// guarded calls f, which calls codecs of the user, on a goroutine of its own. If f panics or calls
// runtime.Goexit, guarded returns an error.
func (l *lane) guarded(f func()) error {
	failed := make(chan error, 1)
	go l.x.core.Task(l.w, func() {
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

// by returns the worker and the attempt of the task in slot i of the job of le.
func (l *lane) by(le *lease, i int) work.By {
	return work.By{Worker: l.w, Process: l.session.process, Attempt: le.attempt(i)}
}
