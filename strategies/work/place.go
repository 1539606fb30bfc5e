package work

import (
	"context"
	"sync"
	"sync/atomic"
)

// A Place identifies the executor and the worker that run a task. The context of the task contains
// it. From the Place, an executor learns that one of its own tasks is about to wait for one of its
// jobs. Such a task must run tasks of that job while it waits, or must not wait.
type Place struct {
	context.Context // context of the task's job, which may itself belong to an outer task
	Core            *Core
	Worker          int
	Helping         sync.Mutex // held while a goroutine of the task runs other tasks in Help
}

// PlaceKey is the key of the [*Place] in the context of a task. If a task runs within another task,
// its context has the Place of the inner task.
type PlaceKey struct{}

// Value implements [context.Context].
func (p *Place) Value(key any) any {
	if key == (PlaceKey{}) {
		return p
	}
	return p.Context.Value(key)
}

// InTask reports whether ctx belongs to a task of some executor in this process.
func InTask(ctx context.Context) bool { return ctx.Value(PlaceKey{}) != nil }

// PlaceOf returns the Place of the innermost task of c's executor to which ctx belongs, or nil if
// there is none. A task of one executor can run within a task of another, so one context can belong
// to several tasks.
func PlaceOf(ctx context.Context, c *Core) *Place {
	for {
		at, ok := ctx.Value(PlaceKey{}).(*Place)
		if !ok || at.Core == c {
			return at
		}
		ctx = at.Context
	}
}

// keeping holds the values that the workers of an executor keep between tasks, such as caches.
type keeping struct {
	once    sync.Once
	workers []keptValues
}

// keptValues maps each key to the value that one worker keeps under it.
type keptValues struct {
	mu     sync.Mutex
	values map[any]*keptValue
}

// A keptValue is the value of one worker for one key.
type keptValue struct {
	mu   sync.Mutex // held while the value is created, which may need values for other keys
	made atomic.Bool
	v    any
}

// make creates the value by the function create. It does nothing if the value exists already.
func (k *keptValue) make(create func() any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.made.Load() {
		k.v = create()
		k.made.Store(true)
	}
}

// Keep returns the value that the worker of p keeps for the given key. The first call for a key
// creates the value by the function create. ok is false if the workers of this executor keep no
// values. A call costs a lock and a map look-up.
func (p *Place) Keep(key any, create func() any) (v any, ok bool) {
	if !p.Core.Keeps {
		return nil, false
	}
	k := &p.Core.kept
	k.once.Do(func() { k.workers = make([]keptValues, p.Core.Workers) })
	own := &k.workers[p.Worker]
	own.mu.Lock()
	kept := own.values[key]
	if kept == nil {
		if own.values == nil {
			own.values = map[any]*keptValue{}
		}
		kept = new(keptValue)
		own.values[key] = kept
	}
	own.mu.Unlock()
	if !kept.made.Load() {
		kept.make(create)
	}
	return kept.v, true
}
