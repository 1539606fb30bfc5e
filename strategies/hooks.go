package strategies

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Hooks are functions that a job calls with the outcomes of its tasks. A nil hook costs nothing.
//
// The hooks of a job run one after the other on a separate goroutine, in the order in which the
// tasks completed. Hooks may submit work to the executor and may call its Stop method. If a hook
// calls Close, Close returns [ErrNested], since Close waits for jobs and a job ends only after its
// hooks have run. In a stream a task counts as part of the window until its hook has run, so a slow
// hook slows the producer. A map has no window: it keeps in memory all events whose hooks have not
// run yet.
//
// If a hook panics or calls [runtime.Goexit], the tasks and the remaining hook calls are not
// affected, and the job reports a [HookError].
type Hooks struct {
	// Result is called for each task with an output, and Error for each task without one.
	Result, Error func(Event)
	// Progress is called with the progress of the job. A task counts as done only after its Result
	// or Error hook, if it has one, has run. If Progress is slow, some steps are left out. The last
	// call counts all tasks.
	Progress func(Progress)
}

// An Event describes the outcome of a task, for a hook.
type Event struct {
	Task    int     // number in the job, from 0
	Attempt int     // number of the attempt to run the task, from 1; 0 if the task never started
	Worker  int     // number of the worker that ran the task, from 0; -1 if the task never started
	Process *Worker // worker process that ran the task; nil for a worker in this process
	Output  any     // output of the kernel; nil if Err is set
	Err     error   // the [*TaskError] that the job also reports
}

// Progress holds the progress of a job in numbers of tasks.
type Progress struct {
	Done   int64 // tasks with an outcome
	Failed int64 // number of the done tasks without an output
	Total  int64 // all tasks, or -1 for a stream
}

// A HookError reports that hooks of a job panicked or called [runtime.Goexit]. The outcomes of the
// tasks are not affected.
type HookError struct {
	Hook  string // name of the first hook that panicked: "result", "error" or "progress"
	Task  int    // task whose outcome the hook received; -1 for progress
	Err   error  // a [*PanicError] or [ErrGoexit]
	Count int    // number of calls that panicked
}

func (e *HookError) Error() string {
	first := "the " + e.Hook + " hook"
	if e.Task >= 0 {
		first += fmt.Sprintf(" for task %d", e.Task)
	}
	if e.Count == 1 {
		return fmt.Sprintf("%s failed: %v", first, e.Err)
	}
	return fmt.Sprintf("%d hook calls failed; the first was %s: %v", e.Count, first, e.Err)
}

func (e *HookError) Unwrap() error { return e.Err }

// hooking queues the hook calls of one job, and runs them on a goroutine.
type hooking struct {
	hooks Hooks
	core  *work.Core
	total int64
	freed *sleeper     // the feeder of a stream, which sleeps until done grows; nil for a map
	done  atomic.Int64 // number of tasks whose hook has run or that have no hook
	ended chan struct{}

	mu     sync.Mutex
	news   sync.Cond // signals that queue, plain or closed has changed
	queue  []Event
	plain  Progress // counts tasks without a hook
	closed bool

	// These fields are used by the goroutine of the hooks only.
	turn []Event  // events taken from queue
	at   int      // index of the next event in turn
	run  Progress // counts tasks whose hook has run
	last Progress // last progress reported
	hook string   // name of the hook that runs now
	task int      // task number of the event that hook receives
	err  *HookError
}

// newHooking starts the goroutine that runs the hooks of a job. It returns nil if all hooks are
// nil. total is the number of tasks, or -1 for a stream. freed is the sleeper of the feeder of a
// stream, which is woken when hooks have run; for other jobs it is nil.
func newHooking(h *Hooks, core *work.Core, total int64, freed *sleeper) *hooking {
	if h == nil || h.Result == nil && h.Error == nil && h.Progress == nil {
		return nil
	}
	k := &hooking{hooks: *h, core: core, total: total, freed: freed, ended: make(chan struct{})}
	k.last.Total = total
	k.news.L = &k.mu
	go core.Consumer(k.loop)
	return k
}

// add counts one more task. err is the error with which the task failed, or nil.
func (p *Progress) add(err error) {
	p.Done++
	if err != nil {
		p.Failed++
	}
}

// tell queues a call of the hook for event e: Error if the task failed, else Result. If the job
// does not have this hook, tell only counts the task.
func (k *hooking) tell(e Event) {
	hooked := e.Err == nil && k.hooks.Result != nil || e.Err != nil && k.hooks.Error != nil
	k.mu.Lock()
	if hooked {
		k.queue = append(k.queue, e)
	} else {
		k.plain.add(e.Err)
	}
	k.news.Signal()
	k.mu.Unlock()
	if !hooked {
		k.ran()
	}
}

// ran counts one more task whose hooks have all run. In a stream, that task then leaves the window,
// so ran wakes the feeder (the goroutine that pulls inputs), which can pull another task.
func (k *hooking) ran() {
	k.done.Add(1)
	if k.freed != nil {
		k.freed.wake()
	}
}

// end waits until all hooks have run. It returns the error of the hooks that panicked, or nil. It
// may be called several times.
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

// loop runs hooks until the job has ended. If a hook panics or calls Goexit, loop records the error
// and starts a new goroutine, which continues after that hook.
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
		go k.core.Consumer(k.loop)
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

// take waits until there are events for hooks or new progress to report. It returns false when the
// job has ended and nothing is left to report.
func (k *hooking) take() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for k.at == len(k.turn) { // at < len(turn) if a hook ended the previous goroutine
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

// call calls the hook for event e: Error if the task failed, else Result.
func (k *hooking) call(e Event) {
	defer func() { // even if the hook panics
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

// progress calls the Progress hook if the progress has changed.
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

// sum returns the progress of the job. A task counts as done when its Result or Error hook has run.
// If the job does not have that hook, the task counts as done when it has its outcome. The caller
// holds the lock of k.
func (k *hooking) sum() Progress {
	return Progress{Done: k.plain.Done + k.run.Done, Failed: k.plain.Failed + k.run.Failed, Total: k.total}
}
