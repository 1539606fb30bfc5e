package strategies

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A taskContext is the context of a future's task. It adds two things to its parent context: a
// [work.Place], which identifies the executor and the worker, and its own cancellation. It creates
// each on first use, since most tasks use neither and context.WithCancel can take longer than a
// small task. A taskContext is small, since every future contains one.
type taskContext struct {
	context.Context // its parent
	core            *work.Core
	own             atomic.Pointer[ownContext] // nil, or the value over, if there is none
	by              atomic.Int32               // 0 until the task is claimed; then 2 plus the number of the worker that runs it, or 1 while no worker runs it
	placed          bool                       // the task was started by Run, so its context has a Place
}

// claim claims the task for worker w, which will run or cancel it. It returns false if the task is
// already claimed. w may be work.Outside, which stands for a goroutine that is not a worker.
func (c *taskContext) claim(w int) bool { return c.by.CompareAndSwap(0, int32(w)+2) }

// runs records that worker w runs the task. If w is work.Outside, it records that no worker runs
// the task any more.
func (c *taskContext) runs(w int) {
	if c.worker() != w {
		c.by.Store(int32(w) + 2)
	}
}

// worker returns the number of the worker that runs the task. It returns work.Outside before the task
// has started and after it has ended.
func (c *taskContext) worker() int { return max(work.Outside, int(c.by.Load())-2) }

// claimed reports whether the task is claimed, by a worker or by another goroutine.
func (c *taskContext) claimed() bool { return c.by.Load() != 0 }

// An ownContext holds the fields of a taskContext that are created on first use.
type ownContext struct {
	work.Place

	end     sync.Mutex // guards the fields below
	ended   bool       // the task has returned
	context context.Context
	stop    context.CancelCauseFunc // nil until context is created
	unhalt  func() bool             // undoes the registration by which Halt of the executor ends context
}

// over is a special value of taskContext.own: the task has returned, and no ownContext was created
// for it.
var over = new(ownContext)

// make returns the ownContext of the task and creates it on first use.
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

// current returns the task's own context if it was created, else the parent context. The parent
// context does not show that the task has returned, so ended reports this. With the task's own
// context, ended is false.
func (c *taskContext) current() (ctx context.Context, ended bool) {
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

// cancellable returns a context that ends with the task, and the function that cancels it. It
// creates them on first use.
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
		case core.Halts:
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
		c.Done() // creates the context, already ended
	}
	ctx, ended := c.current()
	if ended {
		return context.Canceled
	}
	return ctx.Err()
}

// Value implements [context.Context]. If the key is c itself, Value returns c.
func (c *taskContext) Value(key any) any {
	if key == any(c) {
		return c
	}
	if key == (work.PlaceKey{}) && c.placed {
		return &c.make().Place
	}
	ctx, _ := c.current() // not make, since context.Cause calls Value
	return ctx.Value(key)
}

// finish ends the context of the task. cause is nil if the task has returned. If the task was
// cancelled, cause says why.
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
