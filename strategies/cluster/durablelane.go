package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A durableLane is a goroutine that puts one chunk at a time into the queue, and waits for its records.
type durableLane struct {
	x     *Durable
	w     int
	wake  chan struct{}
	stale atomic.Bool // the lane may have missed records
	busy  atomic.Bool // reports whether job is not nil, for other goroutines

	calling atomic.Pointer[call] // nil if the lane waits for no answer

	mu      sync.Mutex
	arrived []arrival

	job     *durableLease // job of the chunk; nil if there is none
	chunk   work.Span     // slots of the chunk's tasks
	name    string
	gen     *generation // generation of the chunk; nil for a named job
	state   progress
	sent    time.Time
	heard   time.Time // time at which the last record arrived
	asked   time.Time // time at which the lane first asked the worker to cancel the chunk
	process *work.Worker
	turn    int    // counts the turns of jobs
	buffer  []byte // reused memory for encoded inputs
}

// An arrival is the message of a record.
type arrival struct {
	seq     uint64
	message *nats.Msg
}

func (l *durableLane) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *durableLane) push(seq uint64, m *nats.Msg) {
	l.mu.Lock()
	l.arrived = append(l.arrived, arrival{seq, m})
	l.mu.Unlock()
	l.signal()
}

// serve runs the lane until the executor ends. If a chunk policy ends its goroutine by Goexit, a new
// one continues.
func (l *durableLane) serve() {
	for ended := false; !ended; {
		var one sync.WaitGroup
		one.Go(func() {
			l.run()
			ended = true
		})
		one.Wait()
	}
}

func (l *durableLane) run() {
	ticks := time.NewTicker(l.x.options.Period)
	defer ticks.Stop()
	for {
		leases, over := l.x.jobs()
		if over {
			return
		}
		l.letGo(leases)
		l.fill(leases)
		select {
		case <-l.wake:
		case <-ticks.C:
		}
		l.receive()
		l.catchUp()
	}
}

// letGo drops the tasks of cancelled jobs that have not started, and asks workers to cancel the
// others.
func (l *durableLane) letGo(leases []*durableLease) {
	for _, le := range leases {
		if le.job.Cancelled() == nil {
			continue
		}
		for _, s := range le.all() {
			le.skip(s, l.w)
		}
		for more := true; more; {
			if l.job == le {
				l.recall()
			}
			more = l.job == nil && le.named != nil && le.named.ready.Load() && l.adoptNext(le)
		}
	}
}

// fill puts a chunk into the queue, if the lane has none. Jobs take turns.
func (l *durableLane) fill(leases []*durableLease) {
	for range leases {
		le := leases[l.turn%len(leases)]
		l.turn++
		for l.job == nil && !l.x.stopped.Load() && le.job.Cancelled() == nil {
			if le.named != nil {
				if !le.named.ready.Load() {
					break
				}
				if l.adoptNext(le) {
					continue
				}
			}
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

// send puts the tasks of s into the queue. If they do not fit into one message, it puts the first
// ones, and gives the others back to the lease. A task that cannot be encoded fails.
func (l *durableLane) send(le *durableLease, s work.Span) {
	x := l.x
	e := encode(&x.core, l.w, le.lease, l.buffer[:0], s, min(mostBytes, x.store.most()))
	if l.buffer = e.b; cap(e.b) > mostBytes {
		l.buffer = nil
	}
	l.process = nil
	if e.failure != nil {
		le.job.Fail(e.failed, work.By{Worker: l.w}, e.failure)
		le.finish(work.Span{Lo: e.failed, Hi: e.failed + 1}, work.By{Worker: l.w})
	}
	if e.rest.Len() > 0 {
		le.giveBack(e.rest)
		x.signal()
	}
	n := e.sent.Len()
	if n == 0 {
		return
	}
	name := chunkName{lo: e.sent.Lo, n: n, sum: sumOf(e.b)}
	terms := newTerms(le.terms, x.kernels, n)
	var expect []jetstream.PublishOpt
	if le.named != nil {
		name.epoch = le.named.epoch
		l.hold(le, e.sent, le.named.life+".0."+name.String(), nil)
		expect = append(expect, jetstream.WithExpectLastSequenceForSubject(le.named.seq, x.store.job(le.named.name)))
	} else {
		terms.Owner = x.id
		name.epoch = int(x.records.Add(1)) // later tasks of a stream use the same slots
		g := x.begin()
		l.hold(le, e.sent, fmt.Sprint(x.id, ".", g.n, ".", name), g)
	}
	l.put(terms, e.b, expect)
}

// put puts the message of the chunk into the queue.
func (l *durableLane) put(terms chunkTerms, inputs []byte, expect []jetstream.PublishOpt) {
	x, le := l.x, l.job
	m := nats.NewMsg(x.store.queued(l.name))
	m.Header.Set(header, terms.String())
	m.Data = inputs
	expect = append(expect, jetstream.WithMsgID(l.name))
	ctx, end := l.call()
	defer end()
	_, err := x.store.put(ctx, m, expect...)
	var refused *StoreError
	switch {
	case err == errMoved:
		le.job.Cancel(&JobError{Job: le.named.name, Reason: "another program has taken it up"})
		le.abandon.Store(true)
		l.unstarted()
	case errors.As(err, &refused):
		le.job.Cancel(refused)
		l.unstarted()
	case err != nil: // the job is cancelled, or the context of Stop has ended
		l.stale.Store(true) // the chunk may be in the queue; recall finds out
	}
}

// call returns a context for requests about the chunk. It has no time limit, because a large chunk
// needs many requests. It ends when the context of Stop ends, or if the job is cancelled while the
// server is away or slow.
func (l *durableLane) call() (ctx context.Context, end func()) {
	ctx, cancel := context.WithCancel(l.x.calls)
	c := &call{job: l.job.job, cancel: cancel}
	l.calling.Store(c)
	return ctx, func() {
		l.calling.Store(nil)
		cancel()
	}
}

// A call is a request of a lane for a job.
type call struct {
	job    work.Job
	cancel context.CancelFunc
	ticks  int // periods since the job was cancelled
}

// tick ends the call if its job is cancelled and the server is away, or has not answered for three periods.
func (c *call) tick(connected bool) {
	if c == nil || c.job.Cancelled() == nil {
		return
	}
	if c.ticks++; !connected || c.ticks >= lossAfter {
		c.cancel()
	}
}

// hold makes the lane wait for the records of the chunk with the given name, whose tasks have the
// slots s.
func (l *durableLane) hold(le *durableLease, s work.Span, name string, g *generation) {
	l.job, l.chunk, l.name, l.gen = le, s, name, g
	l.state, l.sent, l.heard, l.asked = newProgress(s.Len()), time.Now(), time.Now(), time.Time{}
	l.busy.Store(true)
	l.x.route(name, l)
}

// leave ends the wait for records of the chunk, so the lane has no chunk.
func (l *durableLane) leave() {
	x := l.x
	x.route(l.name, nil)
	l.job = nil
	l.busy.Store(false)
	if l.gen != nil {
		x.mu.Lock()
		l.gen.open--
		x.mu.Unlock()
	}
}
