package strategies

import (
	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

// An Executor runs jobs until it is closed or stopped. Close waits until the accepted jobs have
// finished. Stop cancels tasks that have not started, ends the context of running tasks and waits
// for them.
//
// If the context of Stop ends before the tasks do, an executor with worker processes kills these
// processes. Its Stop returns nil when they have ended, or an error if a job does not end, such as
// a stream whose input waits. An executor in this process cannot end its goroutines. If all tasks
// that still run are past their limit, its Stop returns a [StrayError]; otherwise it returns an
// error that wraps the cause of the context.
//
// Close and Stop return [ErrNested] if they would have to wait for their own caller. This is so for
// calls by a task or an input of the executor and, for Close only, for calls by a hook or the
// consumer of a stream. Stop has then cancelled everything; Close has no effect.
//
// Counts returns the number of tasks in each state. [Map], [Stream] and [Go] use the other methods.
type Executor = work.Executor

// Counts holds the number of tasks of an executor in each state.
type Counts = work.Counts

// A Worker identifies a worker process.
type Worker = work.Worker

// Serial returns an executor with one goroutine, which runs one task after the other. Serial and
// Loop have no parameter for the number of workers. The strategies serial and loop in package
// catalog accept every valid number of workers, but use one worker.
func Serial() Executor { return inproc.Serial() }

// Pool returns an executor whose workers claim tasks from one shared counter, so tasks start
// strictly in order.
//
// In every constructor of this package, workers is the number of tasks that run at the same time. 0
// means GOMAXPROCS, and the largest valid number is [work.MaxWorkers]. An executor with an invalid
// number refuses every job.
func Pool(workers int) Executor { return inproc.Pool(workers) }

// Steal returns an executor whose workers have a range of tasks each; an idle worker takes half of
// the remaining tasks of another worker. Use Steal by default: workers share no cache line when
// they claim tasks. Each range starts as an equal share of consecutive tasks, and its worker runs
// them in order. A job therefore starts its tasks in several places at once, not in the order of
// the input. Futures start in the order of their submission, except those that an idle worker takes
// from another worker.
func Steal(workers int) Executor { return inproc.Steal(workers) }

// Static returns an executor that assigns an equal share of the tasks to each worker in advance,
// like OpenMP's schedule(static).
func Static(workers int) Executor { return inproc.Static(workers) }

// Spawn returns an executor that starts a goroutine for each chunk of tasks. At most workers
// goroutines run at the same time.
func Spawn(workers int) Executor { return inproc.Spawn(workers) }

// Channel returns a common worker pool: its workers receive chunks of tasks from an unbuffered
// channel.
func Channel(workers int) Executor { return inproc.Channel(workers) }

// Buffered returns a common worker pool: its workers receive chunks of tasks from a buffered
// channel.
func Buffered(workers int) Executor { return inproc.Buffered(workers) }

// Actor returns an executor whose workers have a mailbox (a queue of tasks) each. A kernel with a
// Key function gives each task a key; all tasks with one key go to the same worker. A [Local] can
// keep the state of the key on that worker.
func Actor(workers int) Executor { return inproc.Actor(workers) }

// Loop returns an event loop: one goroutine that runs all tasks. It starts each task with the Begin
// function of its kernel.
func Loop() Executor { return inproc.Loop() }

// GIL returns a pool whose workers hold one common lock while they run a task, like the global
// interpreter lock of CPython. A task releases the lock while it waits in [Wait] or [Blocking].
func GIL(workers int) Executor { return inproc.GIL(workers) }
