// Package procs runs tasks in worker processes, each at the end of a private
// channel.
//
//  1. [New] makes an [Executor] with a lane for each worker. A lane is one goroutine that
//     owns one worker process: it claims tasks from the jobs in turn, encodes and
//     prefetches them, takes in the results, and replaces the process when it ends. Lanes
//     share nothing but the jobs.
//  2. How a worker comes to be is a [Start]; what it is given, a [Process]; what prepares
//     it, an [Init]; when it is replaced although nothing is wrong, a [Recycle]. What bytes
//     travel over is a transport.Transport.
//  3. A worker goes through the states of a life: starting, ready, busy, retiring, lost,
//     gone. Its supervisor, a goroutine on a thread of its own, starts it and alone waits
//     for it.
//  4. When a worker ends, whatever way, what it had finished is kept, the task that it was
//     running fails by a [strategies.LostError] or runs again, as Options.Retries says,
//     and what it had not started runs elsewhere. The page that both share (package wire)
//     says which is which. That a worker was stopped by a signal is seen on Linux alone;
//     elsewhere the limit of its task ends it.
//  5. A task over its limit, or cancelled, has its worker asked to end by SIGTERM, upon
//     which its context ends, and killed after Config.Grace. The next runs in a new one.
//     That a task is over its limit is told at once, that it was cancelled once it has
//     ended.
//  6. Workers that cannot be started fail what is queued, with the cause, once no lane has
//     one; the next job tries again.
//
// The worker program calls worker.Serve, or worker.Main if it is the same program.
// [Executor.Account] says what happened; it is a plain struct, so expvar.Func publishes it.
package procs

import (
	"context"
	"errors"
	"runtime"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// Name is the strategy's name.
const Name = "procs"

// Strategy is worker processes over pipes, started by Exec. The program they run is Config.Worker.
func Strategy() catalog.Strategy { return Config{}.Strategy() }

// Strategy is worker processes as c says, except for what an executor is told when it is
// made.
func (c Config) Strategy() catalog.Strategy {
	return catalog.Strategy{
		Name:         Name,
		Doc:          "persistent worker processes, each over a private channel",
		Capabilities: capabilities,
		New: func(ctx context.Context, told catalog.Config) (strategies.Executor, error) {
			c := c
			c.Config = told
			x, err := New(ctx, c)
			if err != nil {
				return nil, err
			}
			return x, nil
		},
		With: func(s catalog.Setting) (catalog.Strategy, error) {
			c, err := c.With(s)
			return c.Strategy(), err
		},
	}
}

// With returns c with what s names: a transport.RefusedError or another error for what there
// is not, at all or on this system.
func (c Config) With(s catalog.Setting) (Config, error) {
	if s.Transport != "" {
		t, err := transport.Named(s.Transport)
		if err != nil {
			return c, err
		}
		offer, err := t.Open()
		if err != nil {
			return c, err
		}
		offer.Close()
		c.Transport = t
	}
	if s.Start != "" {
		start, err := ParseStart(s.Start)
		switch {
		case err != nil:
			return c, err
		case start == Self && c.entry().Command() == nil:
			return c, errors.New("start self: this program does not serve as its own worker; choose another")
		case start == Helper && runtime.GOOS != "linux":
			return c, errors.New("start helper: Linux only; choose another")
		}
		c.Start = start
	}
	if s.Prefetch != 0 {
		c.Prefetch.Tasks = s.Prefetch
	}
	if s.Ahead != 0 {
		c.Prefetch.Time = s.Ahead
	}
	if s.Recycle != 0 {
		c.Recycle.Tasks = s.Recycle
	}
	if p := s.Prepare; p.Kernel != "" {
		c.Init = Init{Kernel: p.Kernel, Input: func(dst []byte) ([]byte, error) { return append(dst, p.Input...), nil }}
	}
	return c, nil
}

var capabilities = catalog.Capabilities{
	Processes: true, Parallel: true, Balances: true, Limits: true, Retries: true, Recycles: true, Prepares: true,
}

// mostDepth is how many pools of processes may be inside one another.
const mostDepth = 4

// New starts the workers and returns when all have answered; where workers are started
// on demand it starts one, which has the first task. When it returns an error nothing is
// left behind: an OptionError, a transport.RefusedError, a [StartError], a CodecError of the initialiser's
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
	x.core.Name, x.core.Workers = Name, c.Workers
	x.tripping = runtime.GOOS == "linux" && c.Recycle == (Recycle{}) && !c.Start.onDemand()
	x.leases.Store(new([]*lease))
	for w := range c.Workers {
		l, err := newLane(x, w)
		if err != nil {
			for _, l := range x.lanes {
				l.poller.close()
			}
			return nil, &StartError{Path: c.Worker[0], Err: err}
		}
		x.lanes = append(x.lanes, l)
	}
	if c.Start == Standby {
		x.spares = &spares{most: min(c.Workers, mostSpares)}
	}
	if c.Start == Helper {
		x.config.helper = newHelper(c)
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
