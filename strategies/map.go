package strategies

import (
	"context"
	"fmt"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Map applies k to every element of in on ex and returns the output for in[i] as element i. It
// returns when every task has its outcome. Tasks may run in any order.
//
// The error is nil, an [OptionError], the error with which the executor refuses the job, or a
// [*JobError] with the error of each task without an output. The element of such a task is the zero
// value. If ctx has ended before the call, no task starts and the error wraps the cause of ctx,
// even if in is empty.
//
// When ctx ends later, running tasks see that their context has ended. Further tasks can start
// until a running task fails, or until the goroutine that waits in Map sees the end of ctx. If the
// workers occupy all processors, this goroutine may run only after some milliseconds. Therefore a
// task that itself ends ctx should return an error: no task starts after that.
//
// A task can call Map on its own executor. If it passes its own context, the strategy must be able
// to run a job within a task. Otherwise the error is [ErrNested]. If it passes another context, the
// error is ErrNested when the call would make all workers wait for each other, directly or through
// other executors in this process. With a strategy that does not balance tasks, such as [Static],
// one waiting worker is enough for this error.
//
// A goroutine that a task has started must pass the context of the task when it calls Map. The same
// rule holds for a hook, and for the input, of a job that the task has started. With another
// context, Map cannot detect that the call belongs to the task: the call and the task may then wait
// for each other until that context ends. The task should wait for each goroutine that it has
// started: if such a goroutine calls Map after the end of the task, one task more than there are
// workers may run at the same time.
//
// Without options, k.Map costs as much as the function [Map]. With a chunk size above 1, workers
// claim tasks less often. A limit costs 1 µs per task. A worker process costs 10 to 60 ns per task
// if a task takes a few ns (measured by make ipc).
func (k Kernel[In, Out]) Map(ctx context.Context, ex Executor, in []In, o Options) ([]Out, error) {
	out := make([]Out, len(in))
	err := k.MapInto(ctx, ex, in, out, o)
	return out, err
}

// MapInto is like [Kernel.Map], but stores the outputs in out, which must be as long as in.
// Elements of out whose tasks have no output are unchanged.
func (k Kernel[In, Out]) MapInto(ctx context.Context, ex Executor, in []In, out []Out, o Options) error {
	terms, err := terms(ctx, ex, &k, &o, aMap)
	switch {
	case err != nil:
		return err
	case len(in) != len(out):
		return &OptionError{Option: "out", Value: len(out), Reason: fmt.Sprintf("must have as many elements as the input (%d)", len(in))}
	case uint64(len(in)) > work.MaxTasks:
		return &OptionError{Option: "in", Value: len(in), Reason: fmt.Sprintf("a map has at most %d tasks; use a stream", uint64(work.MaxTasks))}
	}
	core := ex.Core()
	j := &mapJob[In, Out]{
		slots: slots[In, Out]{kernel: k, in: in, out: out, terms: terms, failFast: o.FailFast, core: core, running: newAttendance(core)},
		done:  make(chan struct{}),
	}
	if j.left.Store(int64(len(in))); len(in) == 0 {
		close(j.done) // the job starts nevertheless, so that the executor can refuse it
	}
	end, err := awaitJob(ctx, core, j.running, func() bool { return j.left.Load() == 0 })
	if err != nil {
		return err
	}
	defer end()
	j.rest.Set(work.Span{Lo: 0, Hi: len(in)})
	taskCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	j.cancelContext = cancel
	j.terms.Chunk = guarded(o.Chunk, core, j.Cancel)
	j.ctx = taskCtx
	cause := context.Cause(ctx) // calls ctx before there is anything to clean up, since ctx may panic
	j.watching = watch(&o, core, int64(len(in)), nil)
	if cause != nil {
		j.Cancel(cause) // cancel before a worker can take a task
	}
	core.Enter(j)
	ended := false
	defer func() {
		if !ended { // a codec called Goexit on this goroutine after the task had its outcome
			core.Leave(j)
			j.watching.end()
		}
	}()
	lease, err := ex.Start(taskCtx, j)
	if err != nil {
		ended = true
		core.Forget(j)
		j.watching.end()
		return err
	}
	if work.InTask(ctx) {
		unwatch := cancelWith(ctx, j) // while Help runs tasks on this goroutine
		for lease.Help(taskCtx) {
		}
		unwatch()
	} else {
		lease.Help(taskCtx)
	}
	select {
	case <-j.done:
	case <-taskCtx.Done():
		j.Cancel(context.Cause(taskCtx))
		lease.Stop()
		<-j.done
	}
	lease.Wait()
	if err := policyError(j.terms.Chunk); err != nil {
		j.Cancel(err) // other goroutines may have run all tasks while the policy failed
	}
	ended = true
	core.Leave(j)
	return j.err(j.watching.end())
}
