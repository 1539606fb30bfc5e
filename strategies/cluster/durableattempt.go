package cluster

import (
	"context"
	"time"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// tasks runs one attempt of the tasks without an outcome, and stores their outcomes. It reports
// whether some of them need a further attempt, for which it has already stored the claim.
func (r *run) tasks(inputs []byte) (again bool) {
	h := wire.Header{Number: uint32(r.terms.Tasks)}
	if r.terms.Prompt {
		h.Flags = wire.FlagPrompt
	}
	job, err := newRelay(r, r.terms.Kernel, &h, inputs)
	if err != nil {
		return r.store(record{kind: rejected, why: err.Error()}) && false
	}
	job.terms.Limit, job.todo = r.terms.Limit, undone(r.state.done)
	job.left = r.state.left
	a := &attempt{relay: job, retry: r.state.claims <= r.terms.Retries}
	lease, err := r.slot.pool.Start(context.Background(), a)
	if err != nil {
		return r.store(record{kind: rejected, why: err.Error()}) && false
	}
	r.mu.Lock()
	r.attempt, r.lease = a, lease
	cancelled := r.cancelled
	r.mu.Unlock()
	if cancelled {
		r.cancel()
	}
	done := make(chan struct{})
	go func() {
		lease.Wait()
		a.end()
		close(done)
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-r.kick:
			if !r.flush() {
				r.cancel()
				<-done
				return false
			}
		}
	}
	r.mu.Lock()
	last := record{kind: outcomes}
	if n := len(r.waiting); n > 0 {
		last, r.waiting = r.waiting[n-1], r.waiting[:n-1]
	}
	switch {
	case len(a.lost) > 0 && !r.cancelled:
		if len(last.frames) > 0 { // the claim cannot hold these outcomes: it has another process
			r.waiting = append(r.waiting, last)
		}
		last, again = record{kind: claimed, from: r.from, ran: r.process()}, true
	case r.unstart && r.why != "":
		last.kind, last.why = rejected, r.why
	case r.unstart || len(a.lost) > 0:
		last.kind = released
	}
	r.mu.Unlock()
	if !r.flush() || !(last.kind == outcomes && len(last.frames) == 0) && !r.store(last) {
		return false
	}
	if !again {
		r.message.Ack()
	}
	return again
}

// undone returns the tasks without an outcome.
func undone(done []bool) (spans []work.Span) {
	for i, d := range done {
		if n := len(spans); d {
			continue
		} else if n > 0 && spans[n-1].Hi == i {
			spans[n-1].Hi++
		} else {
			spans = append(spans, work.Span{Lo: i, Hi: i + 1})
		}
	}
	return spans
}

const (
	storeAfter = 10 * time.Millisecond // time that outcomes of a map wait for other outcomes, to share a record with them
	storeFrom  = 256 << 10             // size in bytes from which outcomes do not wait for others
)

// outcomes implements receiver.
func (r *run) outcomes(frames []byte, by *work.Worker) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ran := &work.Worker{Name: r.host.Name}
	if by != nil {
		ran.PID, ran.Generation = by.PID, by.Generation
	}
	n := len(r.waiting)
	if n == 0 || *r.waiting[n-1].ran != *ran || len(r.waiting[n-1].frames)+len(frames) > r.host.most() {
		r.waiting = append(r.waiting, record{kind: outcomes, ran: ran})
		n++
	}
	last := &r.waiting[n-1]
	last.frames = append(last.frames, frames...)
	if r.terms.Prompt || len(last.frames) >= storeFrom || time.Since(r.stored) >= storeAfter {
		r.kicked()
	}
}

// unstarted implements receiver.
func (r *run) unstarted(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unstart, r.why = true, unline(why)
}

// offer makes the run store its waiting outcomes, if there are any.
func (r *run) offer() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) > 0 {
		r.kicked()
	}
}

func (r *run) kicked() {
	select {
	case r.kick <- struct{}{}:
	default:
	}
}

// flush stores the waiting outcomes. It returns false if [run.store] does.
func (r *run) flush() bool {
	r.mu.Lock()
	waiting := r.waiting
	r.waiting = nil
	r.mu.Unlock()
	for _, e := range waiting {
		if !r.store(e) {
			return false
		}
	}
	return true
}

// store stores a record of the chunk. If the server has no room, store waits for room. It returns
// false in three cases: another program has stored a record of the chunk, the chunk was removed, or
// this host ends while the server is away.
func (r *run) store(e record) bool {
	h := r.host
	e.by = h.author()
	for {
		seq, err := h.advance(r.ctx, r.name, r.state.last, e)
		if err == nil {
			e.seq = seq
			r.mu.Lock()
			r.stored = time.Now()
			r.mu.Unlock()
			return r.state.add(e, func(*wire.Header, work.Span, []byte) error { return nil }) == nil
		}
		if err == errMoved {
			return false
		}
		r.trouble(err)
		select {
		case <-r.ctx.Done():
			return false
		case <-time.After(h.Period):
		}
	}
}

// cancel ends the tasks of the chunk. It releases the lock of r before it cancels the attempt,
// because an attempt calls r.outcomes while it holds a lock of its own.
func (r *run) cancel() {
	r.mu.Lock()
	r.cancelled = true
	a, lease := r.attempt, r.lease
	r.mu.Unlock()
	if a != nil {
		a.Cancel(wire.ErrCancelled)
		lease.Stop()
	}
}
