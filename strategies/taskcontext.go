package strategies

import (
	"context"
	"sync/atomic"
)

// A taskContext is the context of a future's task: its parent's, with the task's place,
// and an end of its own. It makes a channel only if somebody asks for one, since most
// tasks do not and a context.WithCancel costs more than they.
type taskContext struct {
	place // in its parent

	own atomic.Pointer[ownContext] // nil and over for none
}

// An ownContext is the part of a taskContext that few tasks need.
type ownContext struct {
	context.Context
	stop context.CancelCauseFunc
}

// over stands for the ownContext of a task that returned without one.
var over = new(ownContext)

// make returns the task's own context, which it makes if there is none.
func (c *taskContext) make() *ownContext {
	for {
		own := c.own.Load()
		if own != nil && own != over {
			return own
		}
		fresh := new(ownContext)
		fresh.Context, fresh.stop = context.WithCancelCause(c.Context)
		if own == over {
			fresh.stop(nil)
		}
		if c.own.CompareAndSwap(own, fresh) {
			return fresh
		}
		fresh.stop(nil)
	}
}

// Done implements [context.Context].
func (c *taskContext) Done() <-chan struct{} { return c.make().Done() }

// Err implements [context.Context].
func (c *taskContext) Err() error {
	switch own := c.own.Load(); own {
	case nil:
		return c.Context.Err()
	case over:
		return context.Canceled
	default:
		return own.Err()
	}
}

// Value implements [context.Context].
func (c *taskContext) Value(key any) any {
	if key == (placeKey{}) && c.owner != nil {
		return &c.place
	}
	if own := c.own.Load(); own != nil && own != over {
		return own.Value(key) // context.Cause asks here
	}
	return c.Context.Value(key)
}

// end ends the context: nil says that the task has returned, else it is why it should.
func (c *taskContext) end(cause error) {
	if cause == nil && c.own.CompareAndSwap(nil, over) {
		return
	}
	c.make().stop(cause) // the first cause stays
}
