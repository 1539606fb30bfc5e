package strategies

import (
	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

// An Executor runs jobs until it is closed or stopped. Close finishes accepted work; Stop
// cancels tasks that have not started, and returns when ctx is done at the latest. Counts
// returns the number of tasks by state. The other methods are for [Map], [Stream] and [Go].
type Executor = work.Executor

// Counts is the number of tasks of an executor by state.
type Counts = work.Counts

// A Worker identifies a worker process.
type Worker = work.Worker

// Serial returns one goroutine that runs one task after the other.
func Serial() Executor { return inproc.Serial() }

// Pool returns workers that claim tasks from one shared counter, so tasks start strictly in
// their order. For every constructor here, workers is the number of tasks that run at once; 0
// means GOMAXPROCS, and a bad number is the error of the first job.
func Pool(workers int) Executor { return inproc.Pool(workers) }

// Steal returns workers with a range of tasks each; an idle worker takes half of another's
// rest. It is the one to begin with: a claim touches no cache line of another worker.
func Steal(workers int) Executor { return inproc.Steal(workers) }

// Static returns workers with equal shares that are fixed beforehand, as OpenMP's
// schedule(static).
func Static(workers int) Executor { return inproc.Static(workers) }

// Spawn starts a goroutine for each chunk, at most workers at once.
func Spawn(workers int) Executor { return inproc.Spawn(workers) }

// Channel returns the textbook pool: workers that receive chunks from an unbuffered channel.
func Channel(workers int) Executor { return inproc.Channel(workers) }

// Buffered returns the textbook pool with a buffered channel.
func Buffered(workers int) Executor { return inproc.Buffered(workers) }

// Actor returns workers with a mailbox each: a task goes to the worker of its key, see
// [Kernel].Key, where a [Local] keeps the state of the key.
func Actor(workers int) Executor { return inproc.Actor(workers) }

// Loop returns an event loop, one goroutine for all tasks; it runs kernels by their Begin.
func Loop() Executor { return inproc.Loop() }

// GIL returns a pool under one lock that is released while a task waits in [Wait] or
// [Blocking], as the lock of CPython is.
func GIL(workers int) Executor { return inproc.GIL(workers) }
