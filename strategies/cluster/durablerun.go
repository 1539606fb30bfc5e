package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A run is one delivery of a chunk to a slot of a host.
type run struct {
	slot    *queueSlot
	host    *queueHost
	message jetstream.Msg
	from    uint64 // sequence number of the message
	again   bool   // the server had delivered the message before
	name    string // name of the chunk
	terms   chunkTerms
	state   progress
	ctx     context.Context // context of requests to the store

	kick chan struct{} // receives a value if the waiting outcomes must be stored

	mu        sync.Mutex
	waiting   []record // outcomes that are not stored yet
	stored    time.Time
	why       string // reason why some tasks have not started
	unstart   bool   // some tasks have not started
	cancelled bool   // the executor needs no outcome, or another program has claimed the chunk
	attempt   *attempt
	lease     work.Lease
}

// An attempt is the job with which a slot runs the tasks of a run once. Tasks that were lost and
// may run again get no outcome from it.
type attempt struct {
	*relay
	retry bool
	lost  []work.Span
}

// Finish implements [work.Job].
func (a *attempt) Finish(s work.Span, by work.By) {
	for i := s.Lo; i < s.Hi; i++ {
		one := work.Span{Lo: i, Hi: i + 1}
		a.mu.Lock()
		_, lost := a.failed[i].(*work.LostError)
		again := lost && a.retry && a.cause == nil
		if again {
			a.failed[i] = nil
			a.left--
			a.lost = append(a.lost, one)
		}
		a.mu.Unlock()
		if !again {
			a.relay.Finish(one, by)
		}
	}
}

func newRun(s *queueSlot, m jetstream.Msg) *run {
	return &run{slot: s, host: s.host, message: m, name: strings.TrimPrefix(m.Subject(), s.host.queued("")), kick: make(chan struct{}, 1), stored: time.Now()}
}

// do claims the chunk, runs its tasks, stores their outcomes and acknowledges the message.
func (r *run) do() {
	h := r.host
	meta, err := r.message.Metadata()
	if err != nil {
		return
	}
	r.from, r.again = meta.Sequence.Stream, meta.NumDelivered > 1
	var end context.CancelFunc
	r.ctx, end = context.WithCancel(h.storing)
	defer end()
	go r.beat()
	if r.terms, err = parseTerms(r.message.Headers().Get(header), h.kernels); err == nil {
		r.state = newProgress(r.terms.Tasks)
		err = r.slot.start(r.terms.Depth)
	}
	if err != nil {
		r.reject(err)
		return
	}
	inputs, err := h.data(r.ctx, r.message.Headers(), r.message.Data())
	if err != nil {
		return
	}
	if !h.enter(r) {
		r.message.NakWithDelay(h.ackWait())
		return
	}
	defer h.leave(r)
	if !r.claim() {
		return
	}
	if h.store.ended(r.ctx, r.name) || r.again && h.removed(r) { // the job of the chunk has ended, and its records were removed
		// If the executor still lives, although it counted as lost, this record makes it send the tasks again.
		if r.store(record{kind: released}) {
			r.message.Ack()
		}
		return
	}
	for r.tasks(inputs) {
	}
}

// enter records that r runs its chunk. It returns false if another slot of this host runs the
// chunk.
func (h *queueHost) enter(r *run) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running[r.name] != nil {
		return false
	}
	h.running[r.name] = r
	return true
}

func (h *queueHost) leave(r *run) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.running, r.name)
	r.slot.used = time.Now()
}

// removed reports whether the message of r is no longer in the queue.
func (h *queueHost) removed(r *run) bool {
	_, err := h.queue.GetMsg(r.ctx, r.from)
	return errors.Is(err, jetstream.ErrMsgNotFound)
}

// beat tells the server in each period that this host works on the chunk. If the executor of an
// unnamed job is gone, beat cancels the chunk, and removes the messages and records of the
// executor's generation.
func (r *run) beat() {
	h := r.host
	beats := time.NewTicker(min(h.Period, h.ackWait()/lossAfter))
	defer beats.Stop()
	for n := 1; ; n++ {
		select {
		case <-r.ctx.Done():
			return
		case <-beats.C:
		}
		r.message.InProgress()
		r.offer()
		if owner := r.owner(); n%lossAfter == 0 && owner != "" {
			go func() {
				if h.gone(r.ctx, owner, r.name) {
					r.cancel()
					h.remove(r.ctx, r.name[:strings.LastIndex(r.name, ".")])
				}
			}()
		}
	}
}

// owner returns the id of the executor without which the chunk is cancelled. It returns "" for a
// named job, and before r has entered its chunk.
func (r *run) owner() string {
	if r.host.find(r.name) != r {
		return ""
	}
	return r.terms.Owner
}

// reject stores a record which says that this worker cannot run the chunk.
func (r *run) reject(why error) {
	h := r.host
	if _, err := h.advance(r.ctx, r.name, 0, record{kind: rejected, by: h.author(), why: why.Error(), ran: &work.Worker{Name: h.Name}}); err == nil || err == errMoved {
		r.message.Ack()
	}
}

// claim stores a record which says that this worker runs the tasks without an outcome. It returns
// false if this worker must not run them: all tasks have outcomes, another worker runs them, or no
// further attempt is allowed.
func (r *run) claim() bool {
	h := r.host
	for {
		c := record{kind: claimed, by: h.author(), from: r.from, ran: r.process()}
		seq, err := h.advance(r.ctx, r.name, r.state.last, c)
		if err == nil {
			c.seq = seq
			return r.state.add(c, nil) == nil
		}
		if err != errMoved {
			r.trouble(err)
			r.message.NakWithDelay(h.Period)
			return false
		}
		r.state = newProgress(r.terms.Tasks)
		ignore := func(*wire.Header, work.Span, []byte) error { return nil }
		if err := h.history(r.ctx, r.name, 0, func(e record) error { return r.state.add(e, ignore) }); err != nil {
			return false
		}
		switch {
		case r.state.over() || r.state.from != 0 && r.state.from != r.from: // all tasks have outcomes, or another message of this chunk was claimed
			r.message.Ack()
			return false
		case r.state.claims > 0 && !h.gone(r.ctx, r.state.host(), r.name):
			r.message.NakWithDelay(h.ackWait())
			return false
		case r.state.claims > r.terms.Retries:
			r.lose()
			return false
		}
	}
}

// lose stores the outcome of the tasks that a lost worker may have started.
func (r *run) lose() {
	h := r.host
	loss := &work.LostError{Cause: fmt.Sprintf("%s, on another host: no sign of life for %v: %v", r.state.process, lossAfter*h.Period, errSilent), ExitCode: -1}
	var b []byte
	for i, done := range r.state.done {
		if !done {
			b = appendFailure(b, i, loss)
		}
	}
	_, err := h.advance(r.ctx, r.name, r.state.last, record{kind: outcomes, by: h.author(), frames: b})
	switch {
	case err == nil:
		r.message.Ack()
	case err == errMoved:
		r.message.Nak()
	default:
		r.trouble(err)
	}
}

// appendFailure appends a frame with the failure of task i to b.
func appendFailure(b []byte, i int, failure error) []byte {
	at := len(b)
	b = wire.AppendOutcome(append(b, make([]byte, wire.HeaderLen)...), failure)
	h := wire.Header{Kind: wire.KindError, Number: uint32(i), Len: uint32(len(b) - at - wire.HeaderLen)}
	h.Put(b[at:])
	return b
}

// process returns the worker process of the slot.
func (r *run) process() *work.Worker {
	w := &work.Worker{Name: r.host.Name}
	if pids := r.slot.pool.PIDs(); len(pids) > 0 {
		w.PID = pids[0]
	}
	return w
}

// trouble tells the executor that the server cannot store records of this chunk.
func (r *run) trouble(err error) {
	if full, ok := errors.AsType[*StoreError](err); ok {
		m := r.host.store.message(r.name, record{kind: trouble, by: r.host.author(), why: full.Err.Error(), ran: &work.Worker{Name: r.host.Name}})
		m.Subject = r.host.news(r.name)
		r.host.conn.PublishMsg(m)
	}
}

// trouble is the kind of a note to an executor. The server does not store it.
const trouble = "trouble"
