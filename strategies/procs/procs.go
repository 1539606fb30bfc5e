// Package procs runs tasks in worker processes, each connected by a private channel.
//
//  1. A [Config] names the [Program] that workers run, [Self] or [Command], and the number of
//     workers. The rest has defaults: the [Start] method, the [Process] attributes, an [Init]
//     that prepares each worker, the [Recycle] limits, and the transport.
//  2. [New] starts the workers and returns an [Executor] for jobs of package strategies. The
//     worker program calls worker.Serve, or worker.Main if it is the same program.
//  3. When a worker ends for any reason, tasks that it had finished keep their outcomes, and
//     tasks that it had not started run elsewhere. The task that it was running fails with a
//     LostError or, if Options.Retries allows it, runs again. A worker that a signal has stopped
//     is detected on Linux only; elsewhere the limit of its task ends it.
//  4. If a task is over its limit or cancelled, its worker gets SIGTERM, which ends the task's
//     context, and after Config.Grace SIGKILL. The caller gets the error at once if the task is
//     over its limit, and after the worker's end if the task is cancelled.
//  5. If no worker is left and none can be started, queued tasks fail with a [StartError]. The
//     next job tries to start workers again.
//  6. [Executor.Account] counts tasks and restarts. It returns a plain struct, which expvar.Func
//     can publish.
//
// A program that is its own worker program begins like this:
//
//	func main() {
//		worker.Main([]work.Callable{kernel})
//		pool, err := procs.New(ctx, procs.Config{Program: procs.Self()})
package procs

import (
	"context"
	"slices"

	"github.com/payoff-bench/payoff/strategies/procs/internal/lane"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/work"
)

// An Executor runs the tasks of its jobs in worker processes. It implements [work.Executor].
type Executor struct {
	core    work.Core
	pool    *lane.Pool
	path    string   // of the worker program
	kernels []string // that it serves
}

// mostDepth is the most process pools that may be nested.
const mostDepth = 4

// New starts the workers and returns when all have answered. With [Task] or [Chunk] it starts
// only one worker, which runs the first task. If New fails, it leaves no process behind. The
// error is an OptionError for a field or a nil ctx, a transport.RefusedError, a [StartError] (with
// an [InitError] if the initialiser failed), a CodecError of the initialiser's argument,
// [ErrForgotten], a [DepthError], or the cause of ctx.
func New(ctx context.Context, c Config) (*Executor, error) {
	if err := work.CheckContext(ctx); err != nil {
		return nil, err
	}
	if worker.Forgotten() {
		return nil, ErrForgotten
	}
	if depth := worker.Depth(); depth >= mostDepth {
		return nil, &DepthError{Depth: depth}
	}
	lanes, err := c.lanes()
	if err != nil {
		return nil, err
	}
	pool, err := lane.New(ctx, lanes)
	if err != nil {
		return nil, err
	}
	return &Executor{
		core: work.Core{Name: name, Workers: lanes.Workers},
		pool: pool, path: lanes.Process.Command[0], kernels: pool.Kernels(),
	}, nil
}

// Start implements [work.Executor]. Tasks do not get ctx, because they run in other processes.
// Start returns ErrClosed, or a [KernelError] if the workers do not serve the kernel. An
// executor that has given up starting workers tries once more.
func (x *Executor) Start(ctx context.Context, job work.Job) (work.Lease, error) {
	kernel := slices.Index(x.kernels, job.Terms().Kernel)
	if kernel < 0 {
		return nil, &KernelError{Kernel: job.Terms().Kernel, Path: x.path, Have: x.kernels}
	}
	return x.pool.Start(ctx, job, kernel)
}

// Submit implements [work.Executor].
func (x *Executor) Submit(ctx context.Context, task work.Single) (work.Lease, error) {
	return x.Start(ctx, task)
}

// Close implements [work.Executor].
func (x *Executor) Close() error {
	if err := x.core.Closable(); err != nil {
		return err
	}
	x.pool.Close()
	return nil
}

// Stop implements [work.Executor]. It takes at most twice Config.Grace, less if ctx ends sooner,
// plus the time that the jobs take to release their tasks.
func (x *Executor) Stop(ctx context.Context) error {
	if err := work.CheckContext(ctx); err != nil {
		return err
	}
	if err := x.core.Stoppable(); err != nil {
		go x.pool.Stop(ctx)
		return err
	}
	x.pool.Stop(ctx)
	return nil
}

// Core implements [work.Executor].
func (x *Executor) Core() *work.Core { return &x.core }

// Counts implements [work.Executor].
func (x *Executor) Counts() work.Counts { return x.core.Counts(x.pool.Busy()) }

// PIDs returns the process ids of the workers that can run tasks, for measurements and
// profiles.
func (x *Executor) PIDs() []int { return x.pool.PIDs() }

// An Account counts the tasks and workers of an executor since New. All fields are numbers, for
// expvar.Func and for logs.
type Account struct {
	work.Counts
	Restarts Restarts
	Workers  int // able to run tasks now
}

// Restarts counts the workers that were replaced, or could not be started, by reason.
type Restarts struct {
	Lost      int64 // ended unexpectedly, were killed by another process, or sent invalid data
	Failed    int64 // could not be started, or ended by themselves before starting a task
	Limit     int64 // ran a task that was over its limit
	Cancelled int64 // ran a task that was cancelled
	Tasks     int64 // had run Recycle.Tasks tasks, or the only task or chunk of a worker
	Age       int64 // reached Recycle.Age
	Memory    int64 // exceeded Recycle.Memory
}

// Account returns the current counts. Its parts are read one after another, not all at the same
// moment.
func (x *Executor) Account() Account {
	return Account{Counts: x.Counts(), Restarts: Restarts(x.pool.Restarts()), Workers: len(x.PIDs())}
}
