package procs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
	"github.com/payoff-bench/payoff/strategies/work"
)

const name = "procs"

// Strategy returns the catalog.Strategy with the name procs. Its executors have the configuration
// c, except for two fields that come from the catalog.Config: the number of workers and, if it is
// set, the command line of the worker program.
func (c Config) Strategy() catalog.Strategy {
	return catalog.Strategy{
		Name: name,
		Doc:  "persistent worker processes, each connected by a private channel",
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
		Code: c.code(),
		With: func(s catalog.Setting) (catalog.Strategy, error) {
			c, err := c.With(s)
			return c.Strategy(), err
		},
	}
}

// code returns the Go code that creates an executor with configuration c. The code sets only those
// fields of the configuration that a catalog.Setting can set.
func (c Config) code() string {
	text := "procs.New(ctx, procs.Config{Workers: {workers}, Program: procs.Self()"
	if t := transportCode[c.Transport.Name]; t != "" {
		text += ", Transport: " + t
	}
	if c.Start != Exec && c.Start != self {
		name := c.Start.String()
		text += ", Start: procs." + strings.ToUpper(name[:1]) + name[1:]
	}
	if c.Arena > 0 {
		text += fmt.Sprintf(", Arena: %d << 20", (c.Arena+1<<20-1)>>20)
	}
	var prefetch []string
	if n := c.Prefetch.Tasks; n > 0 {
		prefetch = append(prefetch, fmt.Sprintf("Tasks: %d", n))
	}
	if t := c.Prefetch.Time; t > 0 {
		prefetch = append(prefetch, fmt.Sprintf("Time: %d * time.Nanosecond", t))
	}
	if len(prefetch) > 0 {
		text += ", Prefetch: procs.Prefetch{" + strings.Join(prefetch, ", ") + "}"
	}
	if n := c.Recycle.Tasks; n > 0 {
		text += fmt.Sprintf(", Recycle: procs.Recycle{Tasks: %d}", n)
	}
	return text + "})"
}

// transportCode holds the Go code of each transport other than pipes, which are the default.
var transportCode = map[string]string{
	"socketpair": "transport.SocketPair()",
	"shm":        "transport.SHM(transport.SHMOptions{})",
	"unix":       `transport.Unix("")`,
	"tcp":        "transport.TCP()",
}

// With returns a copy of c with the settings in s that are not zero. It returns an error for a
// setting that does not exist or that this system does not support. For an unsupported transport,
// this error is a transport.RefusedError.
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
		start, err := parseStart(s.Start)
		if err != nil {
			return c, err
		}
		c.Start = start
	}
	if s.Arena > 0 && runtime.GOOS != "linux" {
		return c, fmt.Errorf("shared memory for buffers: %w on %s; do not choose the codec reference", errors.ErrUnsupported, runtime.GOOS)
	}
	c.Arena = cmp.Or(s.Arena, c.Arena)
	c.Prefetch.Tasks = cmp.Or(s.Prefetch, c.Prefetch.Tasks)
	c.Prefetch.Time = cmp.Or(s.Ahead, c.Prefetch.Time)
	c.Recycle.Tasks = cmp.Or(s.Recycle, c.Recycle.Tasks)
	if s.Prepare.Kernel != "" {
		c.Init = Init{Kernel: s.Prepare.Kernel, Input: []byte(s.Prepare.Input)}
	}
	return c, nil
}

// Starts returns the names that catalog.Setting.Start accepts, each with a one-line description.
// They are the names of the [Start] constants and the name self. The start method self always runs
// this program as the worker, even if the catalog.Config names another one.
func Starts() []struct{ Name, Doc string } {
	return []struct{ Name, Doc string }{
		Exec:    {"exec", "the worker program is run for each worker"},
		self:    {"self", "the program itself is run again for each worker"},
		Standby: {"standby", "like exec, with spare workers that are started and prepared in advance"},
		Helper:  {"helper", "a small helper process starts the workers"},
		Task:    {"task", "a process for each task"},
		Chunk:   {"chunk", "a process for each chunk"},
	}
}

// parseStart returns the Start with the given name. It returns an error if no Start has this name,
// or if this system or program does not support it.
func parseStart(name string) (Start, error) {
	var names []string
	for s, m := range Starts() {
		switch s := Start(s); {
		case m.Name != name:
			names = append(names, m.Name)
		case s == self && worker.Command() == nil:
			return s, fmt.Errorf("start method self: %w, since this program does not call worker.Main in main; call it there, or choose another start method", errors.ErrUnsupported)
		case s == Helper && runtime.GOOS != "linux":
			return s, fmt.Errorf("start method helper: %w on %s; choose another start method", errors.ErrUnsupported, runtime.GOOS)
		default:
			return s, nil
		}
	}
	return 0, fmt.Errorf("start method %q is unknown; choose one of %s", name, strings.Join(names, ", "))
}
