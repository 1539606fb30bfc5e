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
	"slices"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
)

// Name is the strategy's name.
const Name = "procs"

// Strategy is worker processes over pipes. The program they run is Config.Worker.
func Strategy() strategies.Strategy { return Config{}.Strategy() }

// Strategy is worker processes as c says, except for what an executor is told when it is
// made.
func (c Config) Strategy() strategies.Strategy {
	return strategies.Strategy{
		Name:         Name,
		Doc:          "persistent worker processes, each over its own pair of pipes",
		Capabilities: capabilities,
		New: func(ctx context.Context, told strategies.Config) (strategies.Executor, error) {
			c := c
			c.Config = told
			x, err := New(ctx, c)
			if err != nil {
				return nil, err
			}
			return x, nil
		},
	}
}

var capabilities = strategies.Capabilities{Processes: true, Parallel: true, Balances: true, Limits: true, Retries: true}

// mostDepth is how many pools of processes may be inside one another.
const mostDepth = 4

// New starts the workers and returns when all have answered; where workers are started
// on demand it starts one, which has the first task. When it returns an error nothing is
// left behind: an OptionError, a [StartError], a CodecError of the initialiser's
// argument, or the cause of ctx.
func New(ctx context.Context, c Config) (*Executor, error) {
	if worker.Forgotten() {
		return nil, ErrForgotten
	}
	if depth := worker.Depth(); depth >= mostDepth {
		return nil, &DepthError{Depth: depth}
	}
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
			return nil, &StartError{Path: c.Worker[0], Err: err}
		}
		x.lanes = append(x.lanes, l)
	}
	if c.Start == Standby {
		x.spares = &spares{most: min(c.Workers, mostSpares)}
	}
	waited := x.lanes
	if c.Start.onDemand() {
		waited = x.lanes[:1]
	}
	started := make(chan error, len(waited))
	for _, l := range waited {
		l.first = started
	}
	for _, l := range x.lanes {
		x.running.Add(1)
		go l.run()
	}
	for range waited {
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
