package strategies

import (
	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

// An Executor runs jobs until it is closed or stopped. Close finishes the accepted jobs. Stop
// cancels tasks that have not started, ends the context of the others and waits for them.
//
// If the context of Stop ends first, Stop kills worker processes, and returns nil when they have
// ended. An executor in this process cannot end its goroutines. Its Stop then returns a [StrayError]
// if only tasks past their limit still run, otherwise an error that wraps the cause of the context.
//
// Close and Stop return [ErrNested] instead of waiting for their caller: a task or an input of the
// executor, or, for Close, a hook or the consumer of a stream. Stop has cancelled everything then;
// Close has no effect.
//
// Counts returns the number of tasks in each state. [Map], [Stream] and [Go] use the other methods.
type Executor = work.Executor

// Counts holds the number of tasks of an executor in each state.
type Counts = work.Counts

// A Worker identifies a worker process.
type Worker = work.Worker

// Serial returns an executor with one goroutine, which runs one task after the other. Serial and Loop
// take no number of workers; their rows in package catalog accept every valid number and use 1.
func Serial() Executor { return inproc.Serial() }

// Pool returns an executor whose workers claim tasks from one shared counter, so that tasks start
// strictly in their order. For every constructor here, workers is the number of tasks that run at
// once. 0 means GOMAXPROCS, and every job reports a bad number.
func Pool(workers int) Executor { return inproc.Pool(workers) }

// Steal returns an executor whose workers have a range of tasks each; an idle worker takes half of
// another's remaining tasks. Use it by default: a claim touches no cache line of another worker.
// Each range starts as an equal share of consecutive tasks, and its worker starts them in order. A
// job therefore starts its tasks in several places at once, not in the order of the input. Futures
// start in the order of their submission, apart from those that another worker takes over.
func Steal(workers int) Executor { return inproc.Steal(workers) }

// Static returns an executor whose workers have equal shares that are fixed in advance, like
// OpenMP's schedule(static).
func Static(workers int) Executor { return inproc.Static(workers) }

// Spawn returns an executor that starts a goroutine for each chunk, at most workers at once.
func Spawn(workers int) Executor { return inproc.Spawn(workers) }

// Channel returns the textbook pool: workers that receive chunks from an unbuffered channel.
func Channel(workers int) Executor { return inproc.Channel(workers) }

// Buffered returns the textbook pool with a buffered channel.
func Buffered(workers int) Executor { return inproc.Buffered(workers) }

// Actor returns an executor whose workers have a mailbox each. A task goes to the worker of its key
// (see [Kernel].Key), where a [Local] keeps the state of the key.
func Actor(workers int) Executor { return inproc.Actor(workers) }

// Loop returns an event loop: one goroutine for all tasks. It runs kernels by their Begin.
func Loop() Executor { return inproc.Loop() }

// GIL returns a pool under one lock that is released while a task waits in [Wait] or [Blocking],
// like the lock of CPython.
func GIL(workers int) Executor { return inproc.GIL(workers) }
