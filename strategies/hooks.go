package strategies

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Hooks are called with the outcomes of the tasks of one job. Those that are nil cost nothing.
//
// The hooks of a job run on one goroutine of its own, neither on a worker nor on the
// goroutine that waits for the job: one after the other, in the order in which the tasks
// completed. They may submit work to the executor and may Stop it; they must not Close it,
// since that waits for the job and thus for them. The job ends only after its hooks have
// run. In a stream a task counts against the window until its hook has run, so that a slow
// hook slows the producer; a map keeps the events of hooks that have not run yet.
//
// A hook that panics or calls [runtime.Goexit] affects no task and no other hook: the job
// reports a [HookError].
type Hooks struct {
	// Result is called for each task that has an output, Error for each other.
	Result, Error func(Event)
	// Progress is called with the progress of the job, after the other hooks of the tasks
	// that it counts. If it is slow it is called less often. Its last call has all tasks.
	Progress func(Progress)
}

// An Event is the outcome of a task, for a hook.
type Event struct {
	Task    int     // number in the job, from 0
	Attempt int     // number of the run, from 1; 0 if the task never started
	Worker  int     // that ran it, from 0; -1 if the task never started
	Process *Worker // the worker process that ran it; nil for a worker in this process
	Output  any     // of the kernel; nil if Err is not
	Err     error   // the same [*TaskError] that the job reports
}

// Progress is the progress of a job, in tasks.
type Progress struct {
	Done   int64 // have their outcome
	Failed int64 // of Done, without an output
	Total  int64 // -1 for a stream
}

// A HookError reports hooks of a job that panicked. The tasks are not affected.
type HookError struct {
	Hook  string // the first: "result", "error" or "progress"
	Task  int    // of its event; -1 for progress
	Err   error  // a [*PanicError] or [ErrGoexit]
	Count int    // calls that panicked in all
}

func (e *HookError) Error() string {
	if e.Task < 0 {
		return fmt.Sprintf("hook %s (%d calls failed): %v", e.Hook, e.Count, e.Err)
	}
	return fmt.Sprintf("hook %s of task %d (%d calls failed): %v", e.Hook, e.Task, e.Count, e.Err)
}

func (e *HookError) Unwrap() error { return e.Err }

// hooking is the hooks of a job at work.
type hooking struct {
	hooks Hooks
	total int64
	freed *sleeper     // a stream's feeder, which waits for told to grow; nil for a map
	told  atomic.Int64 // tasks whose hook has run, or that have none
	ended chan struct{}

	mu     sync.Mutex
	news   sync.Cond // there is something in queue, plain has grown, or closed
	queue  []Event
	plain  Progress // tasks that have no hook
	closed bool

	// The goroutine's own.
	turn []Event  // taken from queue
	at   int      // of turn, the next
	run  Progress // tasks whose hook has run
	last Progress // passed to the last call
	hook string   // that is called now
	task int
	err  *HookError
}

// newHooking starts the goroutine. It returns nil for no hooks.
func newHooking(h *Hooks, total int64, freed *sleeper) *hooking {
	if h == nil || h.Result == nil && h.Error == nil && h.Progress == nil {
		return nil
	}
	k := &hooking{hooks: *h, total: total, freed: freed, ended: make(chan struct{})}
	k.last.Total = total
	k.news.L = &k.mu
	go k.loop()
	return k
}

// add counts the outcome of one more task.
func (p *Progress) add(err error) {
	p.Done++
	if err != nil {
		p.Failed++
	}
}

// tell takes the outcome of a task.
func (k *hooking) tell(e Event) {
	k.mu.Lock()
	if e.Err == nil && k.hooks.Result != nil || e.Err != nil && k.hooks.Error != nil {
		k.queue = append(k.queue, e)
		k.news.Signal()
		k.mu.Unlock()
		return
	}
	k.plain.add(e.Err)
	k.news.Signal()
	k.mu.Unlock()
	k.ran()
}

// ran counts a task whose hook has run.
func (k *hooking) ran() {
	k.told.Add(1)
	if k.freed != nil {
		k.freed.wake()
	}
}

// end returns when all hooks have run. It may be called again.
func (k *hooking) end() *HookError {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	k.closed = true
	k.news.Signal()
	k.mu.Unlock()
	<-k.ended
	return k.err
}

// loop is the goroutine of the hooks. A call that ends it is noted, and another goroutine
// goes on behind it.
func (k *hooking) loop() {
	over := false
	defer func() {
		if over {
			close(k.ended)
			return
		}
		err := work.Caught(recover())
		if k.err == nil {
			k.err = &HookError{Hook: k.hook, Task: k.task, Err: err}
		}
		k.err.Count++
		go k.loop()
	}()
	for k.take() {
		for k.at < len(k.turn) {
			e := k.turn[k.at]
			k.turn[k.at] = Event{}
			k.at++
			k.call(e)
			k.progress()
		}
		k.progress()
	}
	over = true
}

// take waits for something to tell; false means that there will be nothing more.
func (k *hooking) take() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for k.at == len(k.turn) { // else a call has ended the goroutine before
		switch {
		case len(k.queue) > 0:
			k.turn, k.queue, k.at = k.queue, k.turn[:0], 0
		case k.hooks.Progress != nil && k.sum() != k.last:
			return true
		case k.closed:
			return false
		default:
			k.news.Wait()
		}
	}
	return true
}

func (k *hooking) call(e Event) {
	defer func() { // even if it panics
		k.run.add(e.Err)
		k.ran()
	}()
	k.task = e.Task
	if e.Err != nil {
		k.hook = "error"
		k.hooks.Error(e)
	} else {
		k.hook = "result"
		k.hooks.Result(e)
	}
}

func (k *hooking) progress() {
	if k.hooks.Progress == nil {
		return
	}
	k.mu.Lock()
	now := k.sum()
	k.mu.Unlock()
	if now == k.last {
		return
	}
	k.last, k.hook, k.task = now, "progress", -1
	k.hooks.Progress(now)
}

// sum returns the progress now. The lock is held.
func (k *hooking) sum() Progress {
	return Progress{Done: k.plain.Done + k.run.Done, Failed: k.plain.Failed + k.run.Failed, Total: k.total}
}
