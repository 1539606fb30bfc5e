package strategies

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A taskContext is the context of the task of a future. It adds a place and an end of its own to
// its parent. It creates both on first use, since most tasks use neither and a context.WithCancel
// costs more than such a task. It is kept small, since every future has one.
type taskContext struct {
	context.Context // its parent
	core            *work.Core
	own             atomic.Pointer[ownContext] // nil, or over, if there is none
	by              atomic.Int32               // number of the worker that runs or cancelled the task, plus 2; 0 for none
	placed          bool                       // the task runs by Run, and has a place of its own
}

// claim claims the task for worker w, which is to run or cancel it. It returns false if the task was
// claimed before. w may be work.Outside.
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
	unhalt  func() bool             // makes the end of the executor not end the context
}

// over marks a task that returned without an ownContext.
var over = new(ownContext)

// make returns the ownContext of the task. It creates one if there is none.
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

// made returns the task's own cancellable context if it has one, else its parent. ended reports
// whether the task has returned, unless ctx itself ends with the task.
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
	return own.context, false
}

// cancellable returns a context that ends with the task. It creates one if there is none.
func (o *ownContext) cancellable() (context.Context, context.CancelCauseFunc) {
	o.end.Lock()
	defer o.end.Unlock()
	if o.stop == nil {
		o.context, o.stop = context.WithCancelCause(o.Place.Context)
		switch core := o.Place.Core; {
		case o.ended:
			o.stop(nil)
		case core.Halted():
			o.stop(work.ErrClosed)
		default:
			stop := o.stop
			o.unhalt = context.AfterFunc(core.Halting(), func() { stop(work.ErrClosed) })
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
	if c.core.Halted() {
		c.Done() // makes the context that has ended
	}
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

// finish ends the context. cause is nil after the task has returned, or else the cause of its
// cancellation.
func (c *taskContext) finish(cause error) {
	if cause == nil && c.own.CompareAndSwap(nil, over) {
		return
	}
	own := c.make()
	own.end.Lock()
	own.ended = own.ended || cause == nil
	idle := cause == nil && own.stop == nil
	if cause == nil && own.unhalt != nil {
		own.unhalt()
	}
	own.end.Unlock()
	if !idle {
		_, stop := own.cancellable()
		stop(cause) // the first cause stays
	}
}
