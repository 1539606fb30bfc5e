// Package procs runs tasks in worker processes. Each worker is connected to this process by a
// private channel.
//
//  1. A [Config] names the [Program] that workers run, [Self] or [Command], and the number of
//     workers. Its other fields have defaults: the [Start] method, the [Process] attributes, an
//     [Init] that prepares each worker, the [Recycle] limits, and the transport.
//  2. [New] starts the workers and returns an [Executor] for jobs of package strategies. The
//     worker program calls worker.Serve, or worker.Main if it is the same program.
//  3. When a worker ends for any reason, tasks that it had finished keep their outcomes, and
//     other workers run the tasks that it had not started. The task that it was running fails
//     with a LostError or, if Options.Retries allows it, runs again. A worker that a signal has
//     stopped is detected on Linux only; on other systems the limit of its task ends it.
//  4. If a task is over its limit or cancelled, its worker receives SIGTERM, which ends the
//     context of the task, and after Config.Grace SIGKILL. The caller receives the error at once
//     if the task is over its limit, and when the worker has ended if the task is cancelled.
//  5. If no worker is left and five starts in a row have failed, queued tasks fail with a
//     [StartError]. A worker that a signal ends between its handshake and its first task counts as
//     lost, not as a failed start. Its replacement starts after 10 ms, doubled each time, at most
//     1 s. If no worker is left after eight such losses of one worker in a row, queued tasks fail
//     with a StartError that wraps the LostError. The next job tries to start workers again.
//  6. With Config.Arena, large inputs and outputs stay in place: [Executor.Buffer] allocates memory
//     that this process and all workers share. See package shared.
//  7. [Executor.Account] counts tasks and restarts. It returns a plain struct, which expvar.Func
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
	"errors"
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/strategies/procs/internal/lane"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire/shared"
	"github.com/payoff-bench/payoff/strategies/work"
)

// An Executor runs the tasks of its jobs in worker processes. It implements [work.Executor].
type Executor struct {
	core    work.Core
	pool    *lane.Pool
	arena   *shared.Arena // nil if there is none
	path    string        // path of the worker program
	kernels []string      // names of its kernels
}

// mostDepth is the largest number of process pools nested in each other.
const mostDepth = 4

// CheckDepth returns a DepthError if a pool of this process with the given Config.Depth would be nested
// too deeply.
func CheckDepth(depth int) error {
	if depth += worker.Depth(); depth >= mostDepth {
		return &DepthError{Depth: depth}
	}
	return nil
}

// New starts the workers and returns when all of them have answered. With the start method [Task]
// or [Chunk], it starts only one worker, which will run the first task. If New fails, it leaves no
// process behind.
//
// The error of New is one of these:
//
//   - an OptionError for an invalid field or a nil ctx
//   - a CodecError if the argument of the initialiser cannot be encoded
//   - a transport.RefusedError if this system does not support the transport, or an option of it is
//     invalid
//   - an error of the system if it cannot provide the arena
//   - a [StartError] if the worker program is not found or a worker does not start; if the
//     initialiser failed, it wraps an [InitError]
//   - a [DepthError] if this process is nested in too many pools
//   - [ErrForgotten] if this process is a worker that has not called worker.Serve or worker.Main
//   - the cause of ctx if ctx ends first
func New(ctx context.Context, c Config) (*Executor, error) {
	if err := work.CheckContext(ctx); err != nil {
		return nil, err
	}
	if worker.Forgotten() {
		return nil, ErrForgotten
	}
	if err := CheckDepth(c.Depth); err != nil {
		return nil, err
	}
	lanes, err := c.lanes()
	if err != nil {
		return nil, err
	}
	if c.Arena > 0 {
		if lanes.Process.Arena, err = shared.NewArena(c.Arena); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return nil, err
		}
	}
	x := &Executor{arena: lanes.Process.Arena, core: work.Core{Name: name, Workers: lanes.Workers}, path: lanes.Process.Command[0]}
	lanes.Core = &x.core
	if x.pool, err = lane.New(ctx, lanes); err != nil {
		x.arena.Close()
		return nil, err
	}
	x.kernels = x.pool.Kernels()
	return x, nil
}

// Start implements [work.Executor]. Tasks do not receive ctx, since they run in other processes. If
// the executor is closed, Start returns ErrClosed. If the worker program lacks the kernel of the
// job, it returns a [KernelError]. If the executor has given up starting workers after failures,
// Start makes it try once more.
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

// Stop implements [work.Executor]. The workers end within twice Config.Grace, or sooner if ctx ends
// sooner. Stop returns once the jobs have also recorded the outcomes of their tasks.
//
// A job may continue although all workers have ended, for example a stream whose input blocks. If
// ctx has ended too, Stop waits for such a job for 250 ms. Then it returns an error that wraps the
// cause of ctx.
func (x *Executor) Stop(ctx context.Context) error {
	if err := work.CheckContext(ctx); err != nil {
		return err
	}
	if err := x.core.Stoppable(); err != nil {
		go x.pool.Stop(ctx)
		return err
	}
	if err := x.pool.Stop(ctx); err != nil {
		return fmt.Errorf("stop %s: %w", x.core.Name, err)
	}
	return nil
}

// Core implements [work.Executor].
func (x *Executor) Core() *work.Core { return &x.core }

// Counts implements [work.Executor].
func (x *Executor) Counts() work.Counts { return x.core.Counts(x.pool.Busy()) }

// Buffer returns a buffer of n bytes that tasks of the executor read and write in place. The buffer
// is in the arena, the shared memory that Config.Arena describes. Without an arena, the buffer is
// ordinary memory, and its bytes are copied to workers and back. The bytes of a new buffer can have
// any value.
//
// If the arena has no room, Buffer waits until enough buffers are freed. It returns these errors:
//
//   - a shared.FullError if ctx is done while Buffer waits, or the system is out of memory
//   - a shared.SizeError if n exceeds the size of the arena
//   - an OptionError if n is below 1
//   - ErrClosed if the executor was stopped or closed
func (x *Executor) Buffer(ctx context.Context, n int) (shared.Buffer, error) {
	if x.arena != nil {
		return x.arena.Alloc(ctx, n)
	}
	if err := work.CheckContext(ctx); err != nil {
		return shared.Buffer{}, err
	}
	return shared.New(n)
}

// Buffers returns the number of buffers of the arena that are not freed, and the number of bytes in
// use. The bytes include those of freed buffers that a worker may still use.
func (x *Executor) Buffers() (live, bytes int) { return x.arena.Usage() }

// PIDs returns the process ids of the workers that can run tasks, for use by profilers and
// measurements.
func (x *Executor) PIDs() []int { return x.pool.PIDs() }

// Kernels returns the names of the kernels that the worker program serves.
func (x *Executor) Kernels() []string { return slices.Clone(x.kernels) }

// An Account holds counts of the tasks and workers of an executor since New. expvar.Func can
// publish it, since all its fields are numbers.
type Account struct {
	work.Counts
	Restarts Restarts
	Workers  int // number of workers that can run tasks now
}

// Restarts counts the workers that were replaced or could not be started, by reason.
type Restarts struct {
	Lost      int64 // workers that ended unexpectedly, were killed by another process, or sent invalid data
	Failed    int64 // workers that could not be started, or ended before they started a task
	Limit     int64 // workers that ran a task that exceeded its limit
	Cancelled int64 // workers that ran a task that was cancelled
	Tasks     int64 // workers that had run Recycle.Tasks tasks, or their only task or chunk
	Age       int64 // workers that reached Recycle.Age
	Memory    int64 // workers that exceeded Recycle.Memory
}

// Account returns the current counts. It reads them one after another, so they may not belong to
// the same moment.
func (x *Executor) Account() Account {
	return Account{Counts: x.Counts(), Restarts: Restarts(x.pool.Restarts()), Workers: len(x.PIDs())}
}
