package inproc

import (
	"runtime/pprof"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Loop returns an event loop, like those of libuv and asyncio: one goroutine that starts tasks, and
// calls a function of a task when a timer has fired or a descriptor is ready. A waiting task needs
// no goroutine and no thread, but a task that computes delays all other tasks.
//
// Loop starts each task by the function Begin of its kernel (the resumable form), and refuses
// kernels without this function. It begins all tasks of a map, or all tasks in the window of a
// stream, without waiting until earlier tasks end. The chunk size has no effect, since tasks are not
// handed to workers. When the context of Stop ends, all tasks that have not ended fail.
func Loop() work.Executor {
	l := &loop{core: work.Core{Name: "loop", Workers: 1, Keeps: true}, leases: map[*loopLease]bool{}, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	l.core.Open()
	go l.work()
	return l
}

// A loop is the executor that the function Loop returns. Only the loop's goroutine uses the fields
// from calls to ended; mu guards the fields below mu.
type loop struct {
	core work.Core

	calls    []call // functions to call, starting at index next
	next     int
	current  *events    // events of the task whose code runs now
	labelled uint64     // number of the lease whose profiler labels the loop's goroutine has
	lease    *loopLease // the lease whose tasks are being started
	spare    []func()   // empty slice, whose memory is reused for the next outcomes
	timers   timers
	poller   *poller       // nil until a task waits for a descriptor
	wake     chan struct{} // capacity 1
	ended    chan struct{}

	settled atomic.Bool // whether the slice outcomes has elements
	stopped atomic.Bool // set when no further task may begin

	mu       sync.Mutex
	outcomes []func() // functions that each record the outcome of a finished task
	posted   []call
	ready    []*loopLease // leases that may have tasks to begin, each at most once
	leases   map[*loopLease]bool
	jobs     uint64 // number of leases so far
	closed   bool
	asleep   bool
}

// A call is a function of a task, queued to be called by the loop's goroutine.
type call struct {
	ev *events // events of the task to which f belongs; nil for the loop itself
	f  func()
}

// settle queues record, a function that records the outcome of a task. It is safe on any goroutine.
func (l *loop) settle(record func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.outcomes = append(l.outcomes, record)
	l.settled.Store(true)
	l.rouse()
}

// record calls the queued functions that record outcomes. The loop calls record after each function
// of a task. Outcomes are therefore not delayed, and if an outcome cancels the job, no further task
// of the job begins.
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

// begunAtOnce is how many tasks of a job the loop begins before it looks for other work.
const begunAtOnce = 64

// post queues the call c for the loop. It is safe on any goroutine.
func (l *loop) post(c call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.posted = append(l.posted, c)
	l.rouse()
}

// rouse wakes the loop's goroutine if it sleeps. The caller holds the lock.
func (l *loop) rouse() {
	if l.asleep {
		l.asleep = false
		l.wake <- struct{}{}
	}
}

// work is the main function of the loop's goroutine. If a task calls Goexit, a new goroutine
// continues.
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
		l.core.End()
		close(l.ended)
	}()
	l.core.Task(0, func() {
		for !l.turns() {
		}
	})
	over = true
}

// turns is the loop of the event loop: it processes queued calls and jobs until the executor is
// closed and has no work left, and then returns true. If a task panics, turns records its failure
// and returns false; the caller then calls turns again. In this way one deferred recover is enough
// for many tasks.
func (l *loop) turns() (over bool) {
	defer func() {
		if over {
			return
		}
		p, task := recover(), l.current
		if task == nil {
			panic(p) // the loop itself panicked
		}
		l.current = nil
		task.fail(&work.CallbackError{Callback: "resumable form", Err: work.Caught(p)})
		if lease := l.lease; lease != nil {
			l.lease = nil
			lease.Wake() // the lease may have more tasks to begin
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

// do calls f on the loop's goroutine. If f belongs to a task, ev holds the events of this task; do
// then calls f only if the task has not ended.
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

// look sleeps until there is work or a timer fires, and moves the queued calls to l.calls. It
// returns the lease of a job that may have tasks to begin, or nil if there is none. over is true if
// the loop is closed and has no jobs.
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

// begin starts tasks of the job of the given lease, at most begunAtOnce.
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
	lease.Wake() // the lease may have more tasks to begin
}
