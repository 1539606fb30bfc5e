package inproc

import (
	"runtime/pprof"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Loop returns an event loop: one goroutine that starts tasks and calls their functions when a
// timer or descriptor is ready. It works like libuv and asyncio: a waiting task needs no goroutine
// and no thread, and a task that computes delays all others.
//
// Loop runs kernels by their resumable form and refuses kernels without one. It begins all tasks of
// a map, or all tasks in the window of a stream, without waiting for earlier ones to end. The chunk
// has no effect, since no task is handed over. When the context of Stop ends, the tasks that have
// not ended fail.
func Loop() work.Executor {
	l := &loop{core: work.Core{Name: "loop", Workers: 1, Keeps: true}, leases: map[*loopLease]bool{}, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go l.work()
	return l
}

// A loop is the executor of Loop. Only the loop's goroutine uses the fields in the first group; mu
// guards those in the last.
type loop struct {
	core work.Core

	calls    []call // functions to call, starting at index next
	next     int
	current  *events    // the task whose code runs
	labelled uint64     // number of the lease whose labels the goroutine has
	lease    *loopLease // the lease whose tasks the loop begins
	spare    []func()   // memory for the next outcomes
	timers   timers
	poller   *poller       // nil until a task waits for a descriptor
	wake     chan struct{} // capacity 1
	ended    chan struct{}

	settled atomic.Bool // outcomes has elements
	stopped atomic.Bool // no further task begins

	mu       sync.Mutex
	outcomes []func() // functions that record the outcomes of finished tasks
	posted   []call
	ready    []*loopLease // leases that may have tasks to begin, each at most once
	leases   map[*loopLease]bool
	jobs     uint64 // number of leases so far
	closed   bool
	asleep   bool
}

// A call is a function to call on the loop's goroutine.
type call struct {
	ev *events // task that f belongs to; nil for the loop itself
	f  func()
}

// settle queues a function that records an outcome. It is safe on any goroutine.
func (l *loop) settle(record func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.outcomes = append(l.outcomes, record)
	l.settled.Store(true)
	l.rouse()
}

// record records outcomes. The loop calls it after each call for a task, so that outcomes are not
// delayed, and so that no task begins after one that stops its job.
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

// begunAtOnce is the number of tasks of a job that the loop begins before it looks for other work.
const begunAtOnce = 64

// post queues c. It is safe on any goroutine.
func (l *loop) post(c call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.posted = append(l.posted, c)
	l.rouse()
}

// rouse wakes the goroutine if it sleeps. The caller holds the lock.
func (l *loop) rouse() {
	if l.asleep {
		l.asleep = false
		l.wake <- struct{}{}
	}
}

// work is the loop's goroutine. If a task ends it, a new goroutine continues.
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
	l.core.Task(func() {
		for !l.turns() {
		}
	})
	over = true
}

// turns runs the loop until it is closed and has no work left, and then returns true. After a panic
// it fails the task and returns false, and its caller calls it again. Tasks that do not panic
// therefore need no recover of their own.
func (l *loop) turns() (over bool) {
	defer func() {
		if over {
			return
		}
		p, task := recover(), l.current
		if task == nil {
			panic(p) // a panic of the loop itself
		}
		l.current = nil
		task.fail(work.Caught(p))
		if lease := l.lease; lease != nil {
			l.lease = nil
			lease.Wake() // it may have more tasks to begin
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

// do calls f for a task, unless the task has ended.
func (l *loop) do(ev *events, f func()) {
	if ev != nil && ev.ended.Load() {
		return
	}
	if ev != nil && ev.lease.number != l.labelled {
		l.labelled = ev.lease.number
		pprof.SetGoroutineLabels(ev.lease.ctx)
	}
	l.current = ev
	f()
	l.current = nil
	l.record()
}

// look moves the posted calls to l.calls, and returns a lease that may have tasks to begin, or nil.
// It sleeps first if there is no work. over means that the loop is closed and has no leases.
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

// begin begins up to begunAtOnce tasks of a job.
func (l *loop) begin(lease *loopLease) {
	l.lease = lease
	if l.stopped.Load() {
		lease.job.Cancel(work.ErrClosed) // Stop may not have reached this job yet
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
	lease.Wake() // it may have more tasks to begin
}
