package python

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Prefix begins the names of all strategies of Python.
const Prefix = "py-"

// Loop is the name of the strategy that is serial Python.
const Loop = Prefix + "serial"

// Table returns the strategies of Python.
func Table() []catalog.Strategy {
	f := &finder{found: map[string]finding{}}
	var all []catalog.Strategy
	for _, s := range Systems() {
		all = append(all, s.strategy(f, catalog.Setting{}))
	}
	return all
}

// A finder finds interpreters by their paths, and runs each of them only once.
type finder struct {
	mu    sync.Mutex
	found map[string]finding
}

type finding struct {
	Interpreter
	err error
}

func (f *finder) find(ctx context.Context, path string) (Interpreter, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	found, known := f.found[path]
	if !known {
		found.Interpreter, found.err = Find(ctx, path)
		f.found[path] = found
	}
	return found.Interpreter, found.err
}

// Lacks returns an error that says why the system s cannot run in the interpreter, or nil if it
// can.
func (s System) Lacks(i Interpreter) error {
	switch {
	case s.Minor > 0 && !i.AtLeast(s.Minor):
		return fmt.Errorf("strategy %s%s needs Python 3.%d, and %s is %s: %w", Prefix, s.Name, s.Minor, i.Path, i, errors.ErrUnsupported)
	case s.Module != "" && i.Modules[s.Module] == "":
		return fmt.Errorf("strategy %s%s needs the module %s, which %s lacks; install it by pip, or name an interpreter that has it: %w", Prefix, s.Name, s.Module, i.Path, errors.ErrUnsupported)
	}
	return nil
}

func (s System) strategy(f *finder, set catalog.Setting) catalog.Strategy {
	st := catalog.Strategy{
		Name: Prefix + s.Name, Doc: s.Doc, Code: s.Code,
		Capabilities: catalog.Capabilities{Idiom: catalog.RemoteIdiom, Order: s.order, Chunks: s.chunks, Alone: s.alone, Parallel: !s.single, Balances: !s.single, Recycles: s.recycles},
		Check: func(ctx context.Context, c catalog.Config) error {
			i, err := f.find(ctx, c.Python)
			if err != nil {
				return fmt.Errorf("strategy %s%s: %w: %w", Prefix, s.Name, err, errors.ErrUnsupported)
			}
			return s.Lacks(i)
		},
		New: func(ctx context.Context, c catalog.Config) (work.Executor, error) {
			workers, err := c.WorkerCount()
			if err != nil {
				return nil, err
			}
			if s.single {
				workers = 1
			}
			pool, err := open(ctx, c.Python, head{System: s.Name, Workers: workers, Start: set.Start, Recycle: set.Recycle})
			if err != nil {
				return nil, err
			}
			return &catalog.Remote{Name: Prefix + s.Name, Workers: workers, Loop: s.loop, Pool: pool}, nil
		},
	}
	if s.starts != nil {
		st.With = func(set catalog.Setting) (catalog.Strategy, error) {
			if err := s.check(set); err != nil {
				return catalog.Strategy{}, err
			}
			return s.strategy(f, set), nil
		}
	}
	return st
}

// check returns an error if set contains a setting that the system s does not have.
func (s System) check(set catalog.Setting) error {
	switch left := (catalog.Setting{Start: set.Start, Recycle: set.Recycle}); {
	case set != left:
		return fmt.Errorf("strategy %s%s supports only the settings start and recycle; remove the others", Prefix, s.Name)
	case set.Start != "" && !slices.Contains(s.starts, set.Start):
		return fmt.Errorf("start %q: must be one of %s for strategies of Python", set.Start, strings.Join(s.starts, ", "))
	case set.Recycle != 0 && !s.recycles:
		return fmt.Errorf("strategy %s%s never replaces workers; remove the setting recycle", Prefix, s.Name)
	}
	return nil
}
