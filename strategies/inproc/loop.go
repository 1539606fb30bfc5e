package inproc

import (
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Loop returns an event loop: one goroutine that starts tasks and calls them back when their
// timer or descriptor is ready. It is the model of libuv and asyncio: a waiting task costs no
// goroutine and no thread, and a task that computes holds up all others.
//
// It runs kernels by their resumable form and refuses those that have none. It begins tasks one
// by one, as many as there are: all of a map, a window of a stream. The chunk has no meaning
// here, since no task is handed over. Stop ends the tasks that have not ended when its context
// does.
func Loop() work.Executor {
	l := &loop{core: work.Core{Name: "loop", Workers: 1, Keeps: true}, leases: map[*loopLease]bool{}, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go l.work()
	return l
}

// A loop is the executor. Only the loop's goroutine uses the fields that the lock does not
// guard.
type loop struct {
	core work.Core

	calls   []call // that are next, from next on
	next    int
	current *events    // the task whose code runs
	lease   *loopLease // the lease whose tasks are being begun
	spare   []func()   // for the next outcomes
	timers  timers
	poller  *poller       // nil until a task waits for a descriptor
	wake    chan struct{} // capacity 1
	ended   chan struct{}

	settled atomic.Bool // there are outcomes
	stopped atomic.Bool // nothing more is begun

	mu       sync.Mutex
	outcomes []func() // of tasks that are done, to record first
	posted   []call
	ready    []*loopLease // that may have tasks to begin, each once
	leases   map[*loopLease]bool
	closed   bool
	asleep   bool
}

// A call is something to do on the loop's goroutine: for a task, or for the loop itself.
type call struct {
	ev *events // nil for the loop's own
	f  func()
}

// settle queues the recording of an outcome. It is safe on any goroutine.
func (l *loop) settle(record func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.outcomes = append(l.outcomes, record)
	l.settled.Store(true)
	l.rouse()
}

// record records outcomes, so that they wait for no more than the call that produced them, and
// no task is begun behind one that stops its job.
func (l *loop) record() {
	if !l.settled.Load() {
		return
	}
	l.mu.Lock()
	outcomes := l.outcomes
	l.outcomes = l.spare[:0]
	l.settled.Store(false)
	l.mu.Unlock()
	for _, record := range outcomes {
		record()
	}
	clear(outcomes)
	l.spare = outcomes
}

// begunAtOnce is how many tasks of a job are begun before the loop looks round.
const begunAtOnce = 64

// post queues c. It is safe on any goroutine.
func (l *loop) post(c call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.posted = append(l.posted, c)
	l.rouse()
}

// rouse wakes the goroutine if it sleeps. The lock is held.
func (l *loop) rouse() {
	if l.asleep {
		l.asleep = false
		l.wake <- struct{}{}
	}
}

// work is the loop's goroutine; it is replaced when a task ends it.
func (l *loop) work() {
	over := false
	defer func() {
		if !over {
			go l.work()
			return
		}
		if l.poller != nil {
			l.poller.close()
		}
		close(l.ended)
	}()
	for !l.turns() {
	}
	over = true
}

// turns goes round until the loop is over and then returns true. After a panic it returns
// false and is called again: one recover for the panic, none for a task that behaves.
func (l *loop) turns() (over bool) {
	defer func() {
		if over {
			return
		}
		p, task := recover(), l.current
		if task == nil {
			panic(p) // not a task's
		}
		l.current = nil
		task.fail(work.Caught(p))
		if lease := l.lease; lease != nil {
			l.lease = nil
			lease.Wake() // there may be more to begin
		}
	}()
	for {
		l.record()
		for l.next < len(l.calls) {
			c := l.calls[l.next]
			l.calls[l.next] = call{}
			l.next++
			l.do(c.ev, c.f)
		}
		l.timers.due(func(w *wait) {
			w.ev.forget(w)
			l.do(w.ev, func() { w.f(nil) })
		})
		lease, over := l.look()
		switch {
		case over:
			return true
		case lease != nil:
			l.begin(lease)
		}
	}
}

// do calls f for a task, unless that has ended.
func (l *loop) do(ev *events, f func()) {
	if ev != nil && ev.ended.Load() {
		return
	}
	l.current = ev
	f()
	l.current = nil
	l.record()
}

// look makes the posted calls the next ones, and returns a lease that may have tasks to begin.
// If there is nothing to do at all it sleeps.
func (l *loop) look() (lease *loopLease, over bool) {
	l.mu.Lock()
	if len(l.posted) == 0 && len(l.ready) == 0 && len(l.outcomes) == 0 {
		if l.closed && len(l.leases) == 0 {
			l.mu.Unlock()
			return nil, true
		}
		l.asleep = true
		l.mu.Unlock()
		alarm := l.timers.alarm()
		select {
		case <-l.wake:
			l.mu.Lock()
		case <-alarm:
			l.mu.Lock()
			if l.asleep {
				l.asleep = false
			} else {
				<-l.wake
			}
		}
	}
	defer l.mu.Unlock()
	l.calls, l.posted = l.posted, l.calls[:0]
	l.next = 0
	if len(l.ready) > 0 {
		lease = l.ready[0]
		l.ready[0] = nil
		if l.ready = l.ready[1:]; len(l.ready) == 0 {
			l.ready = nil
		}
		lease.queued = false
	}
	return lease, false
}

// begin begins tasks of a job.
func (l *loop) begin(lease *loopLease) {
	l.lease = lease
	if l.stopped.Load() {
		lease.job.Cancel(work.ErrClosed) // Stop is on its way here, and has let go of another job before
	}
	for range begunAtOnce {
		if !lease.enter() {
			l.lease = nil
			return
		}
		s, state := lease.job.Take(1)
		switch {
		case state != work.Ready:
			l.lease = nil
			lease.leaveWith(state == work.Over)
			return
		case lease.job.Cancelled() != nil:
			var r work.Range
			r.Set(s)
			lease.job.Drain(lease.ctx, &r, 0)
			lease.leave()
		default:
			ev := &events{lease: lease, slot: s.Lo, at: len(lease.running)}
			lease.running = append(lease.running, ev)
			l.do(ev, func() { lease.job.Begin(lease.ctx, s.Lo, ev, ev.settle) })
		}
	}
	l.lease = nil
	lease.Wake() // there may be more
}
