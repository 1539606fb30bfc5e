// Package procs runs tasks in worker processes, each at the end of a private channel.
//
//  1. A [Config] names the [Program] that workers run, [Self] or [Command], and how many. The
//     rest has defaults: the [Start] of a worker, the [Process] attributes that it is given,
//     an [Init] that prepares it, the [Recycle] limits of its life, and the transport.
//  2. [New] starts the workers and returns an [Executor], for jobs of package strategies. The
//     worker program calls worker.Serve, or worker.Main if it is the same program.
//  3. When a worker ends, in whatever way, the tasks that it had finished keep their outcomes,
//     the task that it was running fails by a LostError or runs again, as Options.Retries
//     says, and those that it had not started run elsewhere. That a signal has stopped a
//     worker is seen on Linux alone; elsewhere the limit of its task ends it.
//  4. A task over its limit, or cancelled, has its worker asked to end by SIGTERM, upon which
//     its context ends, and killed after Config.Grace. Its caller hears at once that it is
//     over its limit, and once it has ended that it was cancelled.
//  5. Workers that cannot be started fail what is queued, with a [StartError], once no worker
//     is left; the next job tries again.
//  6. [Executor.Account] says what happened; it is a plain struct, so expvar.Func publishes it.
//
// A program whose workers are the program itself begins so:
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

// mostDepth is how many pools of processes may be inside one another.
const mostDepth = 4

// New starts the workers and returns when all have answered; where workers are started on
// demand it starts one, which has the first task. When it returns an error nothing is left
// behind: an OptionError, a transport.RefusedError, a [StartError], a CodecError of the
// initialiser's argument, or the cause of ctx.
func New(ctx context.Context, c Config) (*Executor, error) {
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

// Start implements [work.Executor]. The context does not reach the tasks, which are in other
// processes. Besides ErrClosed it returns a [KernelError] if the workers do not have the
// kernel. If starting workers had been given up, that is tried once more.
func (x *Executor) Start(ctx context.Context, job work.Job) (work.Lease, error) {
	kernel := slices.Index(x.kernels, job.Terms().Kernel)
	if kernel < 0 {
		return nil, &KernelError{Kernel: job.Terms().Kernel, Path: x.path, Have: x.kernels}
	}
	if lease := x.pool.Start(ctx, job, kernel); lease != nil {
		return lease, nil
	}
	return nil, work.ErrClosed
}

// Submit implements [work.Executor].
func (x *Executor) Submit(ctx context.Context, task work.Single) (work.Lease, error) {
	return x.Start(ctx, task)
}

// Close implements [work.Executor].
func (x *Executor) Close() error {
	x.pool.Close()
	return nil
}

// Stop implements [work.Executor]. It takes at most twice Config.Grace, less when ctx is done
// sooner, and what the jobs need to let go.
func (x *Executor) Stop(ctx context.Context) error {
	x.pool.Stop(ctx)
	return nil
}

// Core implements [work.Executor].
func (x *Executor) Core() *work.Core { return &x.core }

// Counts implements [work.Executor].
func (x *Executor) Counts() work.Counts { return x.core.Counts(x.pool.Busy()) }

// PIDs returns the process ids of the workers, for measurements and profiles. A worker that is
// being replaced is missing.
func (x *Executor) PIDs() []int { return x.pool.PIDs() }

// An Account is what has become of the tasks and the workers of an executor since New. It is
// plain numbers, for expvar.Func and for logs.
type Account struct {
	work.Counts
	Restarts Restarts
	Workers  int // that are able to run tasks now
}

// Restarts is how many workers were replaced, or could not be started, by reason.
type Restarts struct {
	Lost      int64 // ended by themselves, were killed by another process, or sent nonsense
	Failed    int64 // did not come to be, or started no task
	Limit     int64 // ran a task that was over its limit
	Cancelled int64 // ran a task that was cancelled
	Tasks     int64 // had run Recycle.Tasks tasks, or their one task or chunk
	Age       int64 // had lived for Recycle.Age
	Memory    int64 // occupied more than Recycle.Memory
}

// Account returns the account as it is now. Each part of it is true of some moment while it is
// made.
func (x *Executor) Account() Account {
	return Account{Counts: x.Counts(), Restarts: Restarts(x.pool.Restarts()), Workers: len(x.PIDs())}
}
