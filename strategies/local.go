package strategies

import (
	"context"
	"errors"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A Local is a value for each worker of an executor: a cache, a connection, the state of the
// keys that [Actor] sends there. It is made when a task first asks for it and lives as long as
// the executor. A Local is a variable of a package or of the code that makes the kernel; two
// of them are two values, and a Local is not copied.
//
// Tasks of one worker run one at a time, so a task has the value to itself. Where a task can
// wait for others of its own executor, one of those may run on the same worker meanwhile. A
// goroutine that a task ends with runtime.Goexit is replaced; its worker and the value stay.
type Local[T any] struct {
	New func() T // nil: the zero value
}

// ErrNoWorker is the panic of [Local.Of] in a context without a worker that keeps the value.
var ErrNoWorker = errors.New("this is not the context of a task whose executor keeps state for its workers")

// Of returns the value of the worker that runs the task with this context. It costs a lock and
// two look-ups, some 50 ns. Serial, Pool, Steal, Static, Actor, GIL and Loop keep state for
// their workers. Of panics with ErrNoWorker in the tasks of other executors, which do not know
// their worker, and for a context that is not a task's.
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
