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

// An Idiom is the only kind of job that a strategy runs, if it runs them whole.
type Idiom uint8

const (
	AnyJob      Idiom = iota // all kinds, through Executor.Start
	MapIdiom                 // unchunked maps, through [Native.RunMap]
	StreamIdiom              // unchunked streams in input order, through [Native.RunStream]
)

func (i Idiom) String() string {
	switch i {
	case AnyJob:
		return "any job"
	case MapIdiom:
		return "whole maps"
	case StreamIdiom:
		return "whole streams in input order"
	}
	return fmt.Sprintf("idiom %d", uint8(i))
}

// ErrIdiom is the answer of a [Native] to a job.
var ErrIdiom = errors.New("runs whole jobs in its own idiom only, not ours chunk by chunk; its -job variant, if there is one, runs any job")

// A Native is a pool that runs a whole job as its own documentation shows it, with no other
// code around it: its cost is the cost to its users. Its outcomes are its own too: tasks that
// fail, panic or come after the context has ended are treated as the library treats them.
//
// It is an executor only so that it can be a [Strategy]: Start refuses. One of Map and Stream
// is set.
type Native struct {
	Name string
	// Map calls task once for each number from 0 up to n and returns when all calls have
	// returned, with an error if the library has one.
	Map func(ctx context.Context, n int, task func(i int) error) error
	// Stream is as Map, and calls the results of task, one after the other in the order of
	// the numbers.
	Stream func(ctx context.Context, n int, task func(i int) (deliver func())) error
	// End frees the resources of New; nil if there are none.
	End func()

	core  work.Core
	jobs  sync.RWMutex // held by jobs for reading
	ended bool
}

// Start implements [work.Executor] and refuses.
func (n *Native) Start(context.Context, work.Job) (work.Lease, error) {
	return nil, fmt.Errorf("strategy %s: %w", n.Name, ErrIdiom)
}

// Submit implements [work.Executor] and refuses.
func (n *Native) Submit(ctx context.Context, t work.Single) (work.Lease, error) {
	return n.Start(ctx, t)
}

// Core implements [work.Executor].
func (n *Native) Core() *work.Core { return &n.core }

// Counts implements [work.Executor]; the counts are zero.
func (n *Native) Counts() work.Counts { return n.core.Counts(0) }

// RunMap runs a map of so many tasks. Options other than the zero ones, which stand for an
// unchunked map, are refused by an OptionError.
func (n *Native) RunMap(ctx context.Context, o strategies.Options, tasks int, task func(i int) error) error {
	if n.Map == nil {
		return &strategies.OptionError{Strategy: n.Name, Option: "order", Value: "map", Reason: "its idiom is " + StreamIdiom.String()}
	}
	return n.run(o, func() error { return n.Map(ctx, tasks, task) })
}

// RunStream runs a stream of so many tasks in input order: deliver of one is called when
// it and all before it are done. Other options are refused by an OptionError.
func (n *Native) RunStream(ctx context.Context, o strategies.Options, tasks int, task func(i int) (deliver func())) error {
	if n.Stream == nil {
		return &strategies.OptionError{Strategy: n.Name, Option: "order", Value: o.Order, Reason: "its idiom is " + MapIdiom.String()}
	}
	return n.run(o, func() error { return n.Stream(ctx, tasks, task) })
}

func (n *Native) run(o strategies.Options, job func() error) error {
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

// refuse refuses every option that is not its zero value, those added later too.
func (n *Native) refuse(o strategies.Options) error {
	if o.Chunk == chunk.Fixed(1) || o.Chunk == chunk.Fixed(0) {
		o.Chunk = nil
	}
	v := reflect.ValueOf(o)
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() {
			name := strings.ToLower(v.Type().Field(i).Name)
			return &strategies.OptionError{Strategy: n.Name, Option: name, Value: f.Interface(), Reason: "its own idiom has no such option"}
		}
	}
	return nil
}

// Close implements [work.Executor].
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

// Stop implements [work.Executor]. It cannot cancel what has not started; it waits for that
// until ctx is done.
func (n *Native) Stop(ctx context.Context) error {
	closed := make(chan error, 1)
	go func() { closed <- n.Close() }()
	select {
	case err := <-closed:
		return err
	case <-ctx.Done():
		return fmt.Errorf("stop %s: a job is still running: %w", n.Name, context.Cause(ctx))
	}
}
