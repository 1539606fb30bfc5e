package strategies

import (
	"context"
	"errors"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A Local holds one value for each worker of an executor, such as a cache, a connection, or the
// state of the keys that [Actor] assigns to the worker. The first call of Of on a worker creates the
// value, which lives as long as the executor. Declare a Local as a package variable, or next to the
// kernel. Each Local has its own values, and must not be copied.
//
// A worker runs one task at a time, so a task has exclusive use of the value. Exception: while a
// task waits for other tasks of its own executor, one of them may run on the same worker. The value
// survives a task that ends the worker's goroutine with runtime.Goexit.
type Local[T any] struct {
	New func() T // creates a value; nil means the zero value
}

// ErrNoWorker is the value with which [Local.Of] panics if there is no worker that keeps values.
var ErrNoWorker = errors.New("the context does not belong to a task whose executor keeps values for its workers")

// Of returns the value of the worker that runs the task with context ctx. It costs a lock and two
// look-ups, about 50 ns. Serial, Pool, Steal, Static, Actor, GIL and Loop keep values for their
// workers. Of panics with ErrNoWorker in tasks of other executors, and if ctx does not belong to a
// task.
func (l *Local[T]) Of(ctx context.Context) *T {
	if at, _ := ctx.Value(work.PlaceKey{}).(*work.Place); at != nil {
		if v, ok := at.Keep(l, l.make); ok {
			return v.(*T)
		}
	}
	panic(ErrNoWorker)
}

func (l *Local[T]) make() any {
	v := new(T)
	if l.New != nil {
		*v = l.New()
	}
	return v
}
