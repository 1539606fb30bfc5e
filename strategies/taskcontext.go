package strategies

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A taskContext is the context of a future's task: its parent's, with the task's place, and an
// end of its own. It makes either on first use, since most tasks use neither and a
// context.WithCancel costs more than they do. It is kept small, since the collector and the
// allocator see one for each future.
type taskContext struct {
	context.Context // its parent
	core            *work.Core
	own             atomic.Pointer[ownContext] // nil and over for none
	by              atomic.Int32               // worker + 2 that runs the task, or has cancelled it; 0 for none
	placed          bool                       // the task runs by Run, with a place of its own
}

// claim makes worker w, or outside, the one that runs the task or cancels it.
func (c *taskContext) claim(w int) bool { return c.by.CompareAndSwap(0, int32(w)+2) }

// claimed reports whether the task was claimed.
func (c *taskContext) claimed() bool { return c.by.Load() != 0 }

// An ownContext is the part of a taskContext that few tasks need.
type ownContext struct {
	work.Place

	end     sync.Mutex // guards the fields below
	ended   bool       // the task has returned
	context context.Context
	stop    context.CancelCauseFunc // nil as long as there is no context
}

// over stands for the ownContext of a task that returned without one.
var over = new(ownContext)

// make returns the task's own part, which it makes if there is none.
func (c *taskContext) make() *ownContext {
	for {
		own := c.own.Load()
		if own != nil && own != over {
			return own
		}
		fresh := &ownContext{Place: work.Place{Context: c.Context, Core: c.core, Worker: int(c.by.Load()) - 2}, ended: own == over}
		if c.own.CompareAndSwap(own, fresh) {
			return fresh
		}
	}
}

// made returns the task's own context if it has one, else its parent, and whether the task
// has returned.
func (c *taskContext) made() (ctx context.Context, ended bool) {
	own := c.own.Load()
	if own == nil || own == over {
		return c.Context, own == over
	}
	own.end.Lock()
	defer own.end.Unlock()
	if own.stop == nil {
		return c.Context, own.ended
	}
	return own.context, false // its own Err tells
}

// cancellable returns a context that ends with the task, which it makes if there is none.
func (o *ownContext) cancellable() (context.Context, context.CancelCauseFunc) {
	o.end.Lock()
	defer o.end.Unlock()
	if o.stop == nil {
		o.context, o.stop = context.WithCancelCause(o.Place.Context)
		if o.ended {
			o.stop(nil)
		}
	}
	return o.context, o.stop
}

// Done implements [context.Context].
func (c *taskContext) Done() <-chan struct{} {
	ctx, _ := c.make().cancellable()
	return ctx.Done()
}

// Err implements [context.Context].
func (c *taskContext) Err() error {
	ctx, ended := c.made()
	if ended {
		return context.Canceled
	}
	return ctx.Err()
}

// Value implements [context.Context].
func (c *taskContext) Value(key any) any {
	if key == (work.PlaceKey{}) && c.placed {
		return &c.make().Place
	}
	ctx, _ := c.made() // context.Cause calls Value
	return ctx.Value(key)
}

// finish ends the context, with nil after the task has returned, else with the cause that makes
// it return.
func (c *taskContext) finish(cause error) {
	if cause == nil && c.own.CompareAndSwap(nil, over) {
		return
	}
	own := c.make()
	own.end.Lock()
	own.ended = own.ended || cause == nil
	idle := cause == nil && own.stop == nil
	own.end.Unlock()
	if !idle {
		_, stop := own.cancellable()
		stop(cause) // the first cause stays
	}
}
