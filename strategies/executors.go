package strategies

import (
	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

// An Executor runs jobs until it is closed or stopped. Close waits until the accepted jobs have
// finished. Stop cancels tasks that have not started, ends the contexts of running tasks and waits
// for these tasks.
//
// If the context of Stop ends before the running tasks do, the result depends on the executor:
//
//   - An executor with worker processes kills these processes and returns nil. It returns an error
//     if a job still does not end, for example because the input of a stream does not return.
//   - An executor in this process cannot end its goroutines. It returns a [StrayError] if all tasks
//     that still run are past their time limit, and otherwise an error that wraps the cause of the
//     context.
//
// Close and Stop return [ErrNested] if they would have to wait for their own caller:
//
//   - Both return it if the caller is a task of the executor, or the input of one of its streams.
//   - Only Close returns it if the caller is a hook, or the consumer of a stream.
//
// In these cases Close has no effect, and Stop cancels every task but does not wait.
//
// Counts returns the number of tasks in each state. Programs need not call Core, Start and Submit:
// the functions [Map], [Stream] and [Go] do so.
type Executor = work.Executor

// Counts holds the number of tasks of an executor in each state.
type Counts = work.Counts

// A Worker identifies a worker process.
type Worker = work.Worker

// Serial returns an executor with one goroutine, which runs one task after the other.
//
// Serial and [Loop] have no parameter for the number of workers. The strategies serial and loop in
// package catalog accept a number of workers, like all strategies, but use one worker.
func Serial() Executor { return inproc.Serial() }

// Pool returns an executor whose workers claim tasks from one shared counter, so tasks start
// strictly in order.
//
// In every constructor of this package, the parameter workers is the number of tasks that run at
// the same time. 0 means GOMAXPROCS, and the largest valid number is [work.MaxWorkers]. If the
// number is invalid, the executor refuses every job.
func Pool(workers int) Executor { return inproc.Pool(workers) }

// Steal returns an executor in which each worker has its own range of tasks. A worker without tasks
// takes half of the remaining tasks of another worker. Use Steal by default: workers share no cache
// line when they claim tasks.
//
// At first the ranges are equal shares of consecutive tasks. Each worker runs its range in order,
// so a job starts tasks in several places at once, not in the order of the input. Futures start in
// the order of their submission, except futures that a worker takes from another worker.
func Steal(workers int) Executor { return inproc.Steal(workers) }

// Static returns an executor that assigns an equal share of the tasks to each worker in advance,
// like OpenMP's schedule(static).
func Static(workers int) Executor { return inproc.Static(workers) }

// Spawn returns an executor that starts a goroutine for each chunk of tasks. At most workers
// goroutines run at the same time.
func Spawn(workers int) Executor { return inproc.Spawn(workers) }

// Channel returns the worker pool that many Go programs write: its workers receive chunks of tasks
// from an unbuffered channel.
func Channel(workers int) Executor { return inproc.Channel(workers) }

// Buffered returns the worker pool that many Go programs write, with a buffer: its workers receive
// chunks of tasks from a buffered channel.
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
