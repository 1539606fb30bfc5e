package strategies

import (
	"context"
	"fmt"
	"sync"
)

// A place is where a task runs. It is part of the task's context, and by it a job or a
// future that a task waits for finds that it must help itself, or that it cannot.
type place struct {
	context.Context // what is around the task: that of its job, which may be nested in others
	owner           Executor
	w               int
	mu              sync.Mutex // held by the one goroutine of the task that helps
}

type placeKey struct{}

// Value implements [context.Context].
func (p *place) Value(key any) any {
	if key == (placeKey{}) {
		return p
	}
	return p.Context.Value(key)
}

// placeOf returns the place of the task of ex that ctx is in, nil if it is in none. Tasks of
// other executors may lie between: a task of ex may wait for one of theirs, and that for
// this.
func placeOf(ctx context.Context, ex Executor) *place {
	for {
		at, ok := ctx.Value(placeKey{}).(*place)
		if !ok || at.owner == ex {
			return at
		}
		ctx = at.Context
	}
}

// refuseNested returns ErrNested if ctx is in a task of ex.
func refuseNested(ctx context.Context, ex Executor, name string) error {
	if placeOf(ctx, ex) == nil {
		return nil
	}
	return fmt.Errorf("strategy %s: %w", name, ErrNested)
}

// nesting says what becomes of a wait with ctx for the job of a lease: whether it is in a
// task of the lease's executor and runs the job's tasks by Help; or else an error if it is
// and cannot, so that it might wait for itself.
func nesting(ctx context.Context, l Lease) (helps bool, err error) {
	if n, ok := l.(interface {
		nesting(ctx context.Context) (bool, error)
	}); ok {
		return n.nesting(ctx)
	}
	return false, nil // its executor is not of this package, and gives tasks no place
}

func (l *crewLease) nesting(ctx context.Context) (helps bool, err error) {
	err = l.crew.refuseNested(ctx)
	return err == nil && placeOf(ctx, l.crew) != nil, err
}

func (l *dispatch) nesting(ctx context.Context) (helps bool, err error) {
	return false, refuseNested(ctx, l.owner, l.owner.name)
}

func (l *loopLease) nesting(ctx context.Context) (helps bool, err error) {
	return false, refuseNested(ctx, l.loop, "loop")
}
