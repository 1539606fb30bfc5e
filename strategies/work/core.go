package work

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
)

// MaxWorkers is the largest number of workers that an executor accepts.
const MaxWorkers = 1 << 16

// WorkerCount returns n, GOMAXPROCS for 0, or an [OptionError] for a number that no
// executor accepts.
func WorkerCount(n int) (int, error) {
	switch {
	case n == 0:
		return runtime.GOMAXPROCS(0), nil
	case n < 0 || n > MaxWorkers:
		return 0, &OptionError{Option: "workers", Value: n, Reason: fmt.Sprintf("must be 1 to %d (0 means GOMAXPROCS)", MaxWorkers)}
	}
	return n, nil
}

// A Core is the part that all executors have in common. An executor sets the exported fields
// before its first job and does not change them.
type Core struct {
	Name    string // of the strategy, for errors
	Workers int    // tasks that run at once
	Nests   bool   // a task may wait for a job of its own executor, by [Lease.Help]
	Keeps   bool   // workers keep values between tasks: see [Place.Keep]
	Queues  bool   // Submit queues singles and calls only Run and Cancel of them

	tally
	lost atomic.Int64
	kept keeping
}

// Lose adds n to the number of workers held by a task that is past its limit.
func (c *Core) Lose(n int) { c.lost.Add(int64(n)) }

// Lost returns the number of workers held by a task that is past its limit.
func (c *Core) Lost() int { return int(c.lost.Load()) }

// Stray returns a [StrayError] for the workers that are held by tasks past their limit, nil
// if there are none. The cause is that of a Stop whose context ended.
func (c *Core) Stray(cause error) error {
	if n := c.Lost(); n > 0 {
		return &StrayError{Strategy: c.Name, Tasks: n, Cause: cause}
	}
	return nil
}

// Unnested returns [ErrNested] if ctx is in a task of this executor, and tasks of it cannot
// wait for its jobs.
func (c *Core) Unnested(ctx context.Context) error {
	if c.Nests || PlaceOf(ctx, c) == nil {
		return nil
	}
	return fmt.Errorf("strategy %s: %w", c.Name, ErrNested)
}
