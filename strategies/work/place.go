package work

import (
	"context"
	"sync"
)

// A Place is where a task runs. It is part of the task's context. A job or a future that a
// task waits for finds by it that the task must help, or that it must not wait.
type Place struct {
	context.Context // of the task's job, which may be nested in other tasks
	Core            *Core
	Worker          int
	Helping         sync.Mutex // held by the one goroutine of the task that helps
}

// PlaceKey is the key by which a context returns its innermost [*Place].
type PlaceKey struct{}

// Value implements [context.Context].
func (p *Place) Value(key any) any {
	if key == (PlaceKey{}) {
		return p
	}
	return p.Context.Value(key)
}

// InTask reports whether ctx is the context of a task of some executor in this process.
func InTask(ctx context.Context) bool { return ctx.Value(PlaceKey{}) != nil }

// PlaceOf returns the place of the task of c's executor that ctx is in, nil if it is in none.
// Tasks of other executors may lie between: a task of c may wait for one of theirs, and that
// for this.
func PlaceOf(ctx context.Context, c *Core) *Place {
	for {
		at, ok := ctx.Value(PlaceKey{}).(*Place)
		if !ok || at.Core == c {
			return at
		}
		ctx = at.Context
	}
}

// Keep returns the value that worker w keeps for key, made by make on first use; ok is false
// if workers of this executor keep none. It costs a lock and a look-up.
func (p *Place) Keep(key any, make func() any) (v any, ok bool) {
	if !p.Core.Keeps {
		return nil, false
	}
	return p.Core.kept.of(p.Worker, p.Core.Workers).value(key, make), true
}

// keeping is the values of the workers of an executor.
type keeping struct {
	once sync.Once
	all  []values
}

func (k *keeping) of(w, workers int) *values {
	k.once.Do(func() { k.all = make([]values, workers) })
	return &k.all[w]
}

// values are those of one worker, by key.
type values struct {
	mu sync.Mutex
	of map[any]any
}

func (s *values) value(key any, make func() any) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.of[key]
	if !ok {
		v = make()
		if s.of == nil {
			s.of = map[any]any{}
		}
		s.of[key] = v
	}
	return v
}
