package strategies

import (
	"context"
	"errors"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A Local holds one value of type T for each worker of an executor: a cache, for example, or the
// state of the keys that [Actor] assigns to the worker. The first call of Of on a worker creates
// the value, which lives as long as the executor. Declare a Local as a package variable, or next to
// the kernel. Two Locals hold separate values. A Local must not be copied.
//
// A worker runs one task at a time, so a task has exclusive use of the value. There is one
// exception: while a task, or a goroutine that it started, waits for other tasks of the same
// executor, the worker may run one of those tasks. The value survives a task that ends the worker's
// goroutine with runtime.Goexit.
type Local[T any] struct {
	New func() T // creates a value; nil means the zero value
}

// [Local.Of] panics with ErrNoWorker if the context belongs to no task, or to an executor that
// keeps no values.
var ErrNoWorker = errors.New("the context does not belong to a task whose executor keeps values for its workers")

// Of returns the value of the worker that runs the task with context ctx. A call costs a lock and
// two map look-ups, about 50 ns. Serial, Pool, Steal, Static, Actor, GIL and Loop keep values for
// their workers. In tasks of other executors, or if ctx does not belong to a task, Of panics with
// ErrNoWorker.
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
