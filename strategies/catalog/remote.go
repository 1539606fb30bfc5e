package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A Remote is a pool of another language, such as Python. It runs whole jobs in a program of that
// language, which measures the time of each job itself. A job names its kernel, and the program has
// its own kernel of this name.
//
// A Remote implements [work.Executor] so that it can be part of a [Strategy], but its Start returns
// [ErrIdiom].
type Remote struct {
	Name    string
	Workers int
	// Loop says that the pool is a plain loop, with which the other pools of its language are
	// compared. Workloads inject no faults into jobs of this pool.
	Loop bool
	Pool RemotePool

	core work.Core
}

// A RemotePool is the connection of a [Remote] to its program. Its methods are not safe for
// concurrent use. If the context of a call ends, the method ends the program.
type RemotePool interface {
	// Hand sends the inputs of a job and the name of its kernel to the program. They replace the
	// inputs and the kernel of the previous call.
	Hand(ctx context.Context, kernel string, inputs [][]byte) error
	// Run runs a job with the inputs of the last call of Hand. chunk is the number of tasks per
	// chunk; 0 means the default of the pool.
	Run(ctx context.Context, chunk int) (RemoteOutcome, error)
	// Close ends the program.
	Close(ctx context.Context) error
}

// A RemoteOutcome is the outcome of a job that ran in another program.
type RemoteOutcome struct {
	Took   time.Duration // makespan, measured in the program
	Others time.Duration // CPU time of the program's threads other than the one that runs jobs, since the last job
	Values [][]byte      // encoded outputs, in the order in which the pool delivers them
	Failed map[int]error // errors of tasks that failed without ending the job, by index in Values
}

// Chunk returns the chunk size for a job of the given number of tasks with the options o. For
// automatic chunks it returns 0, which stands for the default of the pool. If the policy in o makes
// chunks of different sizes, Chunk returns an OptionError.
func (r *Remote) Chunk(o strategies.Options, tasks int) (int, error) {
	switch p := o.Chunk.(type) {
	case nil:
		return 1, nil
	case chunk.Auto:
		return 0, nil
	case chunk.Fixed, chunk.Static, chunk.Quarters, chunk.Slices:
		return max(1, p.Size(chunk.Claim{Total: tasks, Left: tasks, Workers: r.Workers})), nil
	default:
		return 0, &strategies.OptionError{Strategy: r.Name, Option: "chunk", Value: p, Reason: "must be a policy that gives all chunks the same size"}
	}
}

// Start implements [work.Executor]. It returns an error that wraps [ErrIdiom].
func (r *Remote) Start(context.Context, work.Job) (work.Lease, error) {
	return nil, fmt.Errorf("strategy %s: %w", r.Name, ErrIdiom)
}

// Submit implements [work.Executor]. It returns an error that wraps [ErrIdiom].
func (r *Remote) Submit(ctx context.Context, t work.Single) (work.Lease, error) {
	return r.Start(ctx, t)
}

// Core implements [work.Executor].
func (r *Remote) Core() *work.Core { return &r.core }

// Counts implements [work.Executor]. All counts are zero.
func (r *Remote) Counts() work.Counts { return r.core.Counts(0) }

// Close implements [work.Executor].
func (r *Remote) Close() error { return r.Pool.Close(context.Background()) }

// Stop implements [work.Executor].
func (r *Remote) Stop(ctx context.Context) error {
	if err := work.CheckContext(ctx); err != nil {
		return err
	}
	return r.Pool.Close(ctx)
}
