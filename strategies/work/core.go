package work

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// MaxWorkers is the largest number of workers that an executor accepts.
const MaxWorkers = 1 << 16

// WorkerCount returns n, or GOMAXPROCS if n is 0. It returns an [OptionError] if n is negative
// or above MaxWorkers.
func WorkerCount(n int) (int, error) {
	switch {
	case n == 0:
		return runtime.GOMAXPROCS(0), nil
	case n < 0 || n > MaxWorkers:
		return 0, &OptionError{Option: "workers", Value: n, Reason: fmt.Sprintf("must be 1 to %d (0 means GOMAXPROCS)", MaxWorkers)}
	}
	return n, nil
}

// A Core holds the fields that all executors have in common. An executor sets the exported fields
// before its first job and does not change them afterwards.
type Core struct {
	Name    string // name of the strategy, for errors
	Workers int    // number of tasks that run at the same time
	Nests   bool   // whether a task may wait for a job of its own executor, through [Lease.Help]
	Keeps   bool   // whether workers keep values between tasks: see [Place.Keep]
	Adapts  bool   // whether the default chunk policy of a map is chunk.Auto, and not Fixed(1)
	Queues  bool   // whether Submit queues tasks; on a queued task, the executor calls no method but Run, Waiting and Cancel
	Halts   bool   // whether Stop ends each running [Single] by Halt; otherwise Stop cancels them like other jobs
	// Balances says that any free worker can take any waiting task. Unbounded says that no task
	// waits for a worker.
	Balances, Unbounded bool
	// Dropped is called after a queued single was cancelled before it started. It may be nil.
	Dropped func()

	numbering
	tally
	lost atomic.Int64
	kept keeping
	halt halting
}

// halting holds a context that ends when [Core.Halt] is called, and a flag that Halt sets.
type halting struct {
	halted atomic.Bool
	once   sync.Once
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// Halt ends the context of every running single with the cause ErrClosed. (A single is a job of one
// task that the executor queued.) An executor does not know which singles are running. Its method
// Stop therefore calls Halt, which ends all their contexts at once.
func (c *Core) Halt() {
	c.Halting()
	c.halt.halted.Store(true)
	c.halt.cancel(ErrClosed)
}

// Halted reports whether [Core.Halt] was called.
func (c *Core) Halted() bool { return c.halt.halted.Load() }

// Halting returns a context that ends when [Core.Halt] is called.
func (c *Core) Halting() context.Context {
	h := &c.halt
	h.once.Do(func() { h.ctx, h.cancel = context.WithCancelCause(context.Background()) })
	return h.ctx
}

// Lose adds n, which may be negative, to the number of workers that are blocked by tasks past their
// time limit.
func (c *Core) Lose(n int) { c.lost.Add(int64(n)) }

// Lost returns the number of workers that are blocked by tasks past their time limit.
func (c *Core) Lost() int { return int(c.lost.Load()) }

// Stray returns a [StrayError] with the given cause if tasks past their time limit still block
// workers, else nil.
func (c *Core) Stray(cause error) error {
	if n := c.Lost(); n > 0 {
		return &StrayError{Strategy: c.Name, Tasks: n, Cause: cause}
	}
	return nil
}

// Unnested returns [ErrNested] if ctx belongs to a task of c's executor and the strategy cannot run
// a job within a task. Otherwise it returns nil: the caller may start a job, or wait for one.
func (c *Core) Unnested(ctx context.Context) error {
	if c.Nests || PlaceOf(ctx, c) == nil {
		return nil
	}
	return fmt.Errorf("strategy %s: %w", c.Name, ErrNested)
}
