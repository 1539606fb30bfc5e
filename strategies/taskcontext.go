package strategies

import (
	"context"
	"sync"
	"sync/atomic"
)

// A taskContext is the context of a future's task: its parent's, with the task's place,
// and an end of its own. It makes either only if somebody asks for it, since most tasks do
// not and a context.WithCancel costs more than they. It is kept small, since the collector
// and the allocator see one for each future.
type taskContext struct {
	context.Context // its parent
	owner           *crew
	own             atomic.Pointer[ownContext] // nil and over for none
	by              atomic.Int32               // who runs the task, or has cancelled it: worker + 2, 0 for nobody
}

// claim makes worker w, or outside, the one who runs the task or cancels it.
func (c *taskContext) claim(w int) bool { return c.by.CompareAndSwap(0, int32(w)+2) }

// claimed reports whether somebody has claimed the task.
func (c *taskContext) claimed() bool { return c.by.Load() != 0 }

// An ownContext is the part of a taskContext that few tasks need.
type ownContext struct {
	place

	end     sync.Mutex // guards what is below
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
		fresh := &ownContext{place: place{Context: c.Context, owner: c.owner, w: int(c.by.Load()) - 2}, ended: own == over}
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
	return own.context, false // which knows by itself
}

// cancellable returns a context that ends with the task, which it makes if there is none.
func (o *ownContext) cancellable() (context.Context, context.CancelCauseFunc) {
	o.end.Lock()
	defer o.end.Unlock()
	if o.stop == nil {
		o.context, o.stop = context.WithCancelCause(o.place.Context)
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
	if key == (placeKey{}) && c.owner != nil {
		return &c.make().place
	}
	ctx, _ := c.made() // context.Cause asks here
	return ctx.Value(key)
}

// finish ends the context: nil says that the task has returned, else it is why it should.
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
