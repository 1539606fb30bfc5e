package catalog

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// An Idiom says which jobs a strategy can run. A strategy of this project runs any job. A [Native]
// runs only the kind of job that the documentation of its library shows: a whole map or a whole
// stream in one call. A [Remote] runs whole jobs in another program.
type Idiom uint8

const (
	AnyJob      Idiom = iota // any job, through Executor.Start
	MapIdiom                 // only whole, unchunked maps, through [Native.RunMap]
	StreamIdiom              // only whole, unchunked streams in input order, through [Native.RunStream]
	RemoteIdiom              // only whole jobs in another program, in one order, through a [Remote]
)

func (i Idiom) String() string {
	return [...]string{"any job", "whole maps", "whole streams in input order", "whole jobs in another program"}[i]
}

// ErrIdiom is the error for a job that was passed to the Start or Submit method of a [Native].
var ErrIdiom = errors.New("runs only a whole map or a whole stream, in one call of its library; for other jobs use the strategy with the suffix -job, if there is one")

// A Native is a pool of another library. It runs a whole job in one call, as the documentation of
// the library shows. It uses no executor of this project, so a measurement shows the cost that
// users of the library have. If a task fails or panics, or the context ends, the library decides
// what happens, for instance whether other tasks still run. A task must not call Close or Stop,
// since they would wait for the task.
//
// A Native implements [work.Executor] so that it can be part of a [Strategy], but its Start returns
// [ErrIdiom]. Exactly one of the fields Map and Stream is set.
type Native struct {
	Name string
	// Map calls task once for each number from 0 up to n-1. It returns when all calls have
	// returned. Its error is the error of the library, if the library returns one.
	Map func(ctx context.Context, n int, task func(i int) error) error
	// Stream is like Map, but task returns a function, and Stream calls these functions one at a
	// time in the order of the task numbers.
	Stream func(ctx context.Context, n int, task func(i int) (deliver func())) error
	// End frees the resources of the pool. It is nil if there is nothing to free.
	End func()

	core  work.Core
	jobs  sync.RWMutex // each running job holds a read lock, so that Close can wait for all jobs
	ended bool
}

// Start implements [work.Executor]. It returns an error that wraps [ErrIdiom], since a Native runs
// only whole jobs, by RunMap or RunStream.
func (n *Native) Start(context.Context, work.Job) (work.Lease, error) {
	return nil, fmt.Errorf("strategy %s: %w", n.Name, ErrIdiom)
}

// Submit implements [work.Executor]. It returns an error that wraps [ErrIdiom], since a Native runs
// only whole jobs, by RunMap or RunStream.
func (n *Native) Submit(ctx context.Context, t work.Single) (work.Lease, error) {
	return n.Start(ctx, t)
}

// Core implements [work.Executor].
func (n *Native) Core() *work.Core { return &n.core }

// Counts implements [work.Executor]. All counts are zero.
func (n *Native) Counts() work.Counts { return n.core.Counts(0) }

// RunMap runs a map of the given number of tasks, without chunks, and returns the error of n.Map.
// It runs nothing and returns an OptionError if n runs only streams, if an option is set, if ctx is
// nil, or if the number of tasks is negative. It returns ErrClosed after Close.
func (n *Native) RunMap(ctx context.Context, o strategies.Options, tasks int, task func(i int) error) error {
	if n.Map == nil {
		return &strategies.OptionError{Strategy: n.Name, Option: "order", Value: "map", Reason: "this library runs only " + StreamIdiom.String()}
	}
	return n.run(ctx, o, tasks, func() error { return n.Map(ctx, tasks, task) })
}

// RunStream runs a stream of the given number of tasks in input order, without chunks. Each task
// returns a function deliver, which RunStream calls when this task and all earlier tasks are done.
// RunStream returns the error of n.Stream. It returns the other errors in the same cases as RunMap,
// except that the OptionError for a wrong kind of job means that n runs only maps.
func (n *Native) RunStream(ctx context.Context, o strategies.Options, tasks int, task func(i int) (deliver func())) error {
	if n.Stream == nil {
		return &strategies.OptionError{Strategy: n.Name, Option: "order", Value: o.Order, Reason: "this library runs only " + MapIdiom.String()}
	}
	return n.run(ctx, o, tasks, func() error { return n.Stream(ctx, tasks, task) })
}

func (n *Native) run(ctx context.Context, o strategies.Options, tasks int, job func() error) error {
	if err := work.CheckContext(ctx); err != nil {
		return err
	}
	if tasks < 0 {
		return &strategies.OptionError{Strategy: n.Name, Option: "tasks", Value: tasks, Reason: "must not be negative"}
	}
	if err := n.refuse(o); err != nil {
		return err
	}
	n.jobs.RLock()
	defer n.jobs.RUnlock()
	if n.ended {
		return work.ErrClosed
	}
	return job()
}

// refuse returns an OptionError for the first option in o that is set, or nil if none is. A fixed
// chunk size of one task counts as not set.
func (n *Native) refuse(o strategies.Options) error {
	if o.Chunk == chunk.Fixed(1) || o.Chunk == chunk.Fixed(0) {
		o.Chunk = nil
	}
	v := reflect.ValueOf(o)
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() {
			name := strings.ToLower(v.Type().Field(i).Name)
			return &strategies.OptionError{Strategy: n.Name, Option: name, Value: f.Interface(), Reason: "this library has no such option"}
		}
	}
	return nil
}

// Close implements [work.Executor]. It waits until all running jobs have ended.
func (n *Native) Close() error {
	n.jobs.Lock()
	defer n.jobs.Unlock()
	if !n.ended {
		n.ended = true
		if n.End != nil {
			n.End()
		}
	}
	return nil
}

// Stop implements [work.Executor]. It waits until all running jobs have ended or ctx is done. It
// cannot cancel tasks, since the library runs each job in one call.
func (n *Native) Stop(ctx context.Context) error {
	if err := work.CheckContext(ctx); err != nil {
		return err
	}
	closed := make(chan error, 1)
	go func() { closed <- n.Close() }()
	select {
	case err := <-closed:
		return err
	case <-ctx.Done():
		return fmt.Errorf("stop %s: a job is still running: %w", n.Name, context.Cause(ctx))
	}
}
