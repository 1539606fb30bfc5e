package procs

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
	"github.com/payoff-bench/payoff/strategies/work"
)

const name = "procs"

// Strategy returns worker processes as c says, as a row of a table. The row's configuration
// replaces Workers, and Program where it names one.
func (c Config) Strategy() catalog.Strategy {
	return catalog.Strategy{
		Name: name,
		Doc:  "persistent worker processes, each over a private channel",
		Capabilities: catalog.Capabilities{
			Processes: true, Parallel: true, Balances: true, Limits: true, Retries: true, Recycles: true, Prepares: true,
		},
		New: func(ctx context.Context, row catalog.Config) (work.Executor, error) {
			c := c
			c.Workers = row.Workers
			if len(row.Worker) > 0 && c.Start != self {
				c.Program = Program{command: row.Worker}
			}
			x, err := New(ctx, c)
			if err != nil {
				return nil, err
			}
			return x, nil
		},
		With: func(s catalog.Setting) (catalog.Strategy, error) {
			c, err := c.With(s)
			return c.Strategy(), err
		},
	}
}

// With returns c with what s names: a transport.RefusedError or another error for what there
// is not, at all or on this system.
func (c Config) With(s catalog.Setting) (Config, error) {
	if s.Transport != "" {
		t, err := transport.Named(s.Transport)
		if err != nil {
			return c, err
		}
		offer, err := t.Open()
		if err != nil {
			return c, err
		}
		offer.Close()
		c.Transport = t
	}
	if s.Start != "" {
		if err := c.setStart(s.Start); err != nil {
			return c, err
		}
	}
	if s.Prefetch != 0 {
		c.Prefetch.Tasks = s.Prefetch
	}
	if s.Ahead != 0 {
		c.Prefetch.Time = s.Ahead
	}
	if s.Recycle != 0 {
		c.Recycle.Tasks = s.Recycle
	}
	if s.Prepare.Kernel != "" {
		c.Init = Init{Kernel: s.Prepare.Kernel, Input: []byte(s.Prepare.Input)}
	}
	return c, nil
}

// methods are the values of Setting.Start.
var methods = [starts]struct{ name, doc string }{
	Exec:    {"exec", "the worker program is run for each worker"},
	self:    {"self", "the program itself is run again for each worker"},
	Standby: {"standby", "as exec, with some started and prepared ahead"},
	Helper:  {"helper", "a small process starts the workers"},
	Task:    {"task", "a process for each task"},
	Chunk:   {"chunk", "a process for each chunk"},
}

// Starts returns the values of Setting.Start, each with a line on it: every [Start], and self
// for Exec of [Self] whatever program a row names.
func Starts() iter.Seq2[string, string] {
	return func(yield func(name, doc string) bool) {
		for _, m := range methods {
			if !yield(m.name, m.doc) {
				return
			}
		}
	}
}

func (c *Config) setStart(name string) error {
	var names []string
	for s, m := range methods {
		if m.name == name {
			c.Start = Start(s)
		}
		names = append(names, m.name)
	}
	switch {
	case !slices.Contains(names, name):
		return fmt.Errorf("start %q: not one of %s", name, strings.Join(names, ", "))
	case c.Start == self && worker.Command() == nil:
		return errors.New("start self: this program does not serve as its own worker; choose another")
	case c.Start == Helper && runtime.GOOS != "linux":
		return errors.New("start helper: Linux only; choose another")
	}
	return nil
}
