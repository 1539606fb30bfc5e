package strategies

import (
	"context"
	"sync"
)

// A taskContext is the context of a future's task: its parent's, with the task's place,
// and an end of its own. It makes a channel only if the task asks for one, since most
// tasks do not and a context.WithCancel costs more than they.
type taskContext struct {
	place // in its parent

	mu   sync.Mutex
	over bool // end was called
	own  *ownContext
}

// An ownContext is the part of a taskContext that few tasks need.
type ownContext struct {
	context.Context
	stop context.CancelCauseFunc
}

// Done implements [context.Context].
func (c *taskContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	own := c.make()
	if c.over {
		own.stop(nil)
	}
	return own.Done()
}

// make returns the task's own context. The lock is held.
func (c *taskContext) make() *ownContext {
	if c.own == nil {
		c.own = new(ownContext)
		c.own.Context, c.own.stop = context.WithCancelCause(c.Context)
	}
	return c.own
}

// Err implements [context.Context].
func (c *taskContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.own != nil:
		return c.own.Err()
	case c.over:
		return context.Canceled
	}
	return c.Context.Err()
}

// Value implements [context.Context].
func (c *taskContext) Value(key any) any {
	if key == (placeKey{}) && c.owner != nil {
		return &c.place
	}
	c.mu.Lock()
	own := c.own
	c.mu.Unlock()
	if own != nil {
		return own.Value(key) // context.Cause asks here
	}
	return c.Context.Value(key)
}

// end ends the context: nil says that the task has returned, else it is why it should.
func (c *taskContext) end(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cause != nil {
		c.make()
	}
	c.over = true
	if c.own != nil {
		c.own.stop(cause) // the first cause stays
	}
}
