package strategies

import (
	"context"
	"errors"
	"sync"
)

// A Local is a value for each worker of an executor: a cache, a connection, the state of
// the keys that strategy actor sends there. It is made when a task first asks for it and
// lives as long as the executor. A Local is a variable of a package or of whoever makes
// the kernel; two of them are two values, and it is not copied.
//
// Tasks of one worker run one at a time, so a task has the value to itself; where a task
// can wait for others of its own executor, one of those may run on the same worker
// meanwhile. A goroutine that a task ends with runtime.Goexit is replaced, its worker and
// the value stay.
type Local[T any] struct {
	New func() T // nil: the zero value
}

// ErrNoWorker is what [Local.Of] panics with where there is no worker to keep the value.
var ErrNoWorker = errors.New("this is not the context of a task whose executor keeps state for its workers")

// Of returns the value of the worker that runs the task with this context. It costs a
// lock and two look-ups, some 50 ns. Strategies serial, pool, steal, static, actor, gil and
// loop keep state for their workers. It panics with ErrNoWorker in the tasks of others,
// whose tasks do not know their worker, and for a context that is not a task's.
func (l *Local[T]) Of(ctx context.Context) *T {
	at, _ := ctx.Value(placeKey{}).(*place)
	if at == nil {
		panic(ErrNoWorker)
	}
	owner, ok := at.owner.(keeper)
	if !ok {
		panic(ErrNoWorker)
	}
	all := owner.localsOf(at.w)
	all.mu.Lock()
	defer all.mu.Unlock()
	if v, ok := all.values[l]; ok {
		return v.(*T)
	}
	v := new(T)
	if l.New != nil {
		*v = l.New()
	}
	if all.values == nil {
		all.values = map[any]any{}
	}
	all.values[l] = v
	return v
}

// A keeper is an executor whose workers keep values.
type keeper interface{ localsOf(w int) *locals }

// locals is the values of one worker, by the Local that asks.
type locals struct {
	mu     sync.Mutex
	values map[any]any
}

func (c *crew) localsOf(w int) *locals { return &c.workers[w].state }
