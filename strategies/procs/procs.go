// Package procs runs tasks in persistent worker processes, each behind a private pair
// of pipes.
//
// A lane is one goroutine that owns one worker process: it claims tasks from the jobs
// in turn, encodes and prefetches them, takes in the results, and replaces the
// process when it dies. Lanes share nothing but the jobs.
package procs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// Name is the strategy's name.
const Name = "procs"

// Strategy is worker processes over pipes. The program they run is Config.Worker.
func Strategy() strategies.Strategy {
	return strategies.Strategy{
		Name:         Name,
		Doc:          "persistent worker processes, each over its own pair of pipes",
		Capabilities: capabilities,
		New: func(ctx context.Context, c strategies.Config) (strategies.Executor, error) {
			x, err := New(ctx, Config{Config: c})
			if err != nil {
				return nil, err
			}
			return x, nil
		},
	}
}

var capabilities = strategies.Capabilities{Processes: true, Parallel: true, Balances: true}

// Config is what [New] is told. Worker is required.
type Config struct {
	strategies.Config
	// Env is added to the environment of the workers, which is otherwise PATH, HOME,
	// TMPDIR, LANG and PAYOFF_WORKER_PROFILE (the folder for CPU profiles) of this
	// process, and GOMAXPROCS=1.
	Env []string
	// Dir is the folder that workers run in; empty means this process's.
	Dir string
	// StartTimeout is how long a worker may take to answer; 0 means 10 s.
	StartTimeout time.Duration
	// Grace is how long a worker is given to end after the end of its input, and
	// again after SIGTERM, before SIGKILL; 0 means 500 ms.
	Grace time.Duration
}

// check validates c, fills in its defaults and finds the program.
func (c Config) check() (Config, error) {
	refuse := func(option string, value any, reason string) (Config, error) {
		return c, &strategies.OptionError{Strategy: Name, Option: option, Value: value, Reason: reason}
	}
	switch {
	case c.Workers < 0 || c.Workers > strategies.MaxWorkers:
		return refuse("workers", c.Workers, fmt.Sprintf("must be 1 to %d (0 means GOMAXPROCS)", strategies.MaxWorkers))
	case len(c.Worker) == 0 || c.Worker[0] == "":
		return refuse("worker", c.Worker, "name the program that workers run; go build ./cmd/payoff-worker makes it")
	case c.StartTimeout < 0:
		return refuse("start timeout", c.StartTimeout, "must not be negative (0 means 10s)")
	case c.Grace < 0:
		return refuse("grace", c.Grace, "must not be negative (0 means 500ms)")
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.StartTimeout == 0 {
		c.StartTimeout = 10 * time.Second
	}
	if c.Grace == 0 {
		c.Grace = 500 * time.Millisecond
	}
	path, err := exec.LookPath(c.Worker[0])
	if err != nil && !errors.Is(err, exec.ErrDot) {
		return c, &StartError{Path: c.Worker[0], Err: err}
	}
	c.Worker = append([]string{path}, c.Worker[1:]...)
	c.Env = append(environment(), c.Env...)
	return c, nil
}

// environment returns the part of this process's environment that a worker needs.
func environment() []string {
	env := []string{"GOMAXPROCS=1"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG", "PAYOFF_WORKER_PROFILE"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// New starts the workers and returns when all have answered. When it returns an error
// nothing is left behind: an OptionError, a [StartError], or the cause of ctx.
func New(ctx context.Context, c Config) (*Executor, error) {
	c, err := c.check()
	if err != nil {
		return nil, err
	}
	x := &Executor{config: c, empty: make(chan struct{})}
	x.leases.Store(new([]*lease))
	for w := range c.Workers {
		l, err := newLane(x, w)
		if err != nil {
			for _, l := range x.lanes {
				l.close()
			}
			return nil, err
		}
		x.lanes = append(x.lanes, l)
	}
	started := make(chan error, len(x.lanes))
	for _, l := range x.lanes {
		x.running.Add(1)
		go l.run(started)
	}
	for range x.lanes {
		select {
		case e := <-started:
			err = errors.Join(err, e)
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		if err != nil {
			x.Stop(cancelled)
			return nil, err
		}
	}
	return x, nil
}

// cancelled is a context that is done: Stop(cancelled) kills.
var cancelled = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// sameKernels makes the names of the first worker that answers those of the executor,
// and reports whether names are the same.
func (x *Executor) sameKernels(names []string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.kernels == nil {
		x.kernels = append([]string{}, names...)
	}
	return slices.Equal(x.kernels, names)
}
