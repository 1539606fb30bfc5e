package procs

import (
	"cmp"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/procs/internal/lane"
	"github.com/payoff-bench/payoff/strategies/procs/internal/process"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A Config is the input of [New]. Program is required; what else is zero has a default.
type Config struct {
	Workers int     // 0 means GOMAXPROCS
	Program Program // that workers run
	// Transport is how bytes travel; the zero value is pipes. A worker looks for its next task
	// for 30 µs before it sleeps, and yields its core meanwhile. Where there are fewer workers
	// than GOMAXPROCS, this process looks at shared memory for as long without yielding, and a
	// worker so for room; else that would take the core from the other side.
	Transport transport.Transport
	Start     Start // how a worker comes to be
	Prefetch  Prefetch
	Process   Process
	Init      Init
	Recycle   Recycle
	// StartTimeout is how long a worker may take to answer; 0 means 10 s.
	StartTimeout time.Duration
	// Grace is how long a worker is given to end after the end of its input, and again after
	// SIGTERM, before SIGKILL; 0 means 500 ms.
	Grace time.Duration
}

// A Program is what worker processes run. [Self] and [Command] return one.
type Program struct {
	command []string
	self    bool
}

// Self returns the Program that is this program, executed again. The main of this program must
// begin with worker.Main. Workers pay for everything that the program links.
func Self() Program { return Program{self: true} }

// Command returns the Program at path, or of that name on the PATH, with arguments. Its main
// calls worker.Serve.
func Command(path string, args ...string) Program {
	return Program{command: append([]string{path}, args...)}
}

// resolve returns the path of the program and its arguments.
func (p Program) resolve() ([]string, error) {
	command := p.command
	if p.self {
		if command = worker.Command(); command == nil {
			return nil, refused("program", "self", "this program does not serve as its own worker: worker.Main belongs first in its main")
		}
	}
	if len(command) == 0 || command[0] == "" {
		return nil, refused("program", command, "name the program that workers run; go build ./cmd/payoff-worker makes it")
	}
	path, err := exec.LookPath(command[0])
	if err != nil && !errors.Is(err, exec.ErrDot) {
		return nil, newStartError(command[0], nil, err, "")
	}
	return append([]string{path}, command[1:]...), nil
}

// A Start is how a worker comes to be. Go cannot fork a process without executing a program,
// since only the thread that forks would be in the child; so every Start executes one, and a
// worker inherits descriptors and environment, never memory.
type Start uint8

const (
	// Exec runs the program for each worker. It corresponds to multiprocessing's spawn,
	// without the import of the main module.
	Exec Start = iota
	self       // Exec of Self, as Setting.Start has it
	// Standby is Exec with as many workers as there are at work, at most 4, started and
	// prepared ahead, to take the place of one that is lost or recycled at once. It
	// corresponds to the pre-fork servers, and is the nearest to fork in hand-out time.
	Standby
	// Helper has a small process, the program itself, start the workers. It is started before
	// the first of them and handed each one's descriptors; Linux only. It corresponds to
	// multiprocessing's forkserver, except that a worker has nothing of the helper's memory.
	// The workers are children of this process, which alone notices their end; a helper that
	// has ended is started again when the next worker is wanted.
	Helper
	// Task is a process for each task, as with Process(target), or maxtasksperchild=1 and
	// chunksize=1, of multiprocessing. The process is started when its task is there.
	Task
	// Chunk is a process for each chunk, as with Pool(maxtasksperchild=1).
	Chunk

	starts
)

func (s Start) String() string {
	if s < starts {
		return Starts()[s].Name
	}
	return fmt.Sprintf("start %d", uint8(s))
}

// Prefetch is how much is on its way to a worker and at it. More spares waiting for the next
// task, less leaves tasks to the worker that is free first. A zero field is the default.
type Prefetch struct {
	Tasks int           // at most, rounded down to whole chunks, but one chunk at least; 0 is no limit
	Time  time.Duration // of work, about; 0 means 5 ms for a map and 1 ms for a stream
}

// A Process is what a worker process is given. The zero Process is this process's folder, nice
// value and CPUs, GOMAXPROCS 1, and an environment with nothing else in it: what kernels need
// of this process's environment (PATH, HOME, TMPDIR…) is for the program to pass on.
type Process struct {
	Env    []string // NAME=value, besides GOMAXPROCS
	Dir    string   // folder to run in; empty is this process's
	Procs  int      // GOMAXPROCS; 0 means 1
	Nice   int      // added to this process's nice value, 0 to 19; Linux only
	CPUs   []int    // that it may run on; nil is this process's; Linux only
	Memory int64    // bytes of data that it may ask the system for (RLIMIT_DATA) besides what it has when it answers, at least 16 MiB; 0 is no limit; Linux only

	Profile string // existing folder in which the process leaves its CPU profile, <pid>.pprof, unless it is killed; empty is none
}

// Recycle is when a worker is replaced although nothing is wrong with it. A zero field is no
// limit. A worker that is replaced first finishes the task that it runs; what was sent ahead
// to it runs elsewhere.
type Recycle struct {
	Tasks  int           // after so many tasks, whatever the chunks
	Age    time.Duration // when it has been ready for so long
	Memory int64         // when it occupies more bytes (resident) than this; Linux only. It is looked at every few ms, so it is no wall: see Process.Memory
}

// An Init is what prepares a worker: a kernel that the worker program serves like any other,
// run once in each process before its first task, for the state that it leaves behind there;
// its output is dropped. The zero Init is none. [Prepare] returns one.
type Init struct {
	Kernel string        // its name
	Input  []byte        // its argument, encoded
	Limit  time.Duration // how long it may take; 0 means 10 s

	err error // of the codec
}

// Prepare returns the Init that runs k with the argument in. [New] returns the error of a
// codec that fails.
func Prepare[In, Out any](k strategies.Kernel[In, Out], in In) (i Init) {
	i.Kernel = k.Name
	defer func() {
		if p := recover(); p != nil {
			i.err = work.Caught(p)
		}
	}()
	if k.In.Append == nil {
		i.err = errors.New("the kernel has no codec")
		return i
	}
	i.Input, i.err = k.In.Append(nil, in)
	return i
}

// spin is longer than a wake-up takes, and too short to be missed.
const spin = 30 * time.Microsecond

// lanes validates c and returns it with its defaults filled in.
func (c Config) lanes() (l lane.Config, err error) {
	if err := c.check(); err != nil {
		return l, err
	}
	if c.Start == self {
		c.Program = Self()
	}
	command, err := c.Program.resolve()
	if err != nil {
		return l, err
	}
	l = lane.Config{
		Workers:  cmp.Or(c.Workers, runtime.GOMAXPROCS(0)),
		OnDemand: c.Start == Task || c.Start == Chunk,
		OneChunk: c.Start == Chunk,
		Prefetch: c.Prefetch.Tasks,
		Ahead:    c.Prefetch.Time,
		Recycle:  lane.Recycle(c.Recycle),
		Grace:    cmp.Or(c.Grace, 500*time.Millisecond),
		Process: process.Config{
			Command:    command,
			Attributes: process.Attributes(c.Process),
			Timeout:    cmp.Or(c.StartTimeout, 10*time.Second),
			Depth:      worker.Depth() + 1,
			Init:       process.Init{Kernel: c.Init.Kernel, Input: c.Init.Input, Limit: cmp.Or(c.Init.Limit, 10*time.Second)},
			Helper:     c.Start == Helper,
		},
		StartError: func(w *work.Worker, err error, stderr string) error {
			return newStartError(command[0], w, err, stderr)
		},
	}
	env := &l.Process.Attributes.Env
	*env = append([]string{fmt.Sprintf("GOMAXPROCS=%d", max(c.Process.Procs, 1))}, *env...)
	if c.Process.Profile != "" {
		*env = append(*env, wire.EnvProfile+"="+c.Process.Profile)
	}
	switch c.Start {
	case Standby:
		l.Process.Spares = min(l.Workers, 4)
	case Task:
		l.Recycle.Tasks = 1
	}
	if l.Workers < runtime.GOMAXPROCS(0) {
		l.Spin = spin
	}
	if c.Transport.Name == "" {
		c.Transport = transport.Pipe()
	}
	l.Process.Transport = c.Transport.Spin(l.Spin)
	var lacking *transport.RefusedError
	if offer, err := l.Process.Transport.Open(); err == nil {
		offer.Close()
	} else if errors.As(err, &lacking) {
		return l, err // other errors may pass, and fail the start that they hinder
	}
	return l, nil
}

// check returns an OptionError for the first option that makes no sense, or the error of the
// initialiser's argument.
func (c Config) check() (err error) {
	refuse := func(bad bool, option string, value any, reason string) {
		if bad && err == nil {
			err = refused(option, value, reason)
		}
	}
	linux := runtime.GOOS == "linux"
	refuse(c.Workers < 0 || c.Workers > work.MaxWorkers, "workers", c.Workers, fmt.Sprintf("must be 1 to %d (0 means GOMAXPROCS)", work.MaxWorkers))
	refuse(c.Start >= starts, "start", uint8(c.Start), fmt.Sprintf("must be one of %v", []Start{Exec, Standby, Helper, Task, Chunk}))
	refuse(c.Start == Helper && !linux, "start", c.Start, "needs Linux, where a process can start another as its parent's child")
	refuse(c.Prefetch.Tasks < 0 || c.Prefetch.Time < 0, "prefetch", c.Prefetch, "must not be negative (0 means the default)")
	refuse(c.StartTimeout < 0, "start timeout", c.StartTimeout, "must not be negative (0 means 10s)")
	refuse(c.Grace < 0, "grace", c.Grace, "must not be negative (0 means 500ms)")
	refuse(c.Init.Limit < 0, "init limit", c.Init.Limit, "must not be negative (0 means 10s)")
	refuse(c.Recycle.Tasks < 0 || c.Recycle.Age < 0 || c.Recycle.Memory < 0, "recycle", c.Recycle, "must not be negative (0 means never)")
	refuse(c.Recycle.Memory > 0 && !linux, "recycle", c.Recycle, "memory of a worker is known on Linux alone")
	process.Attributes(c.Process).Check(refuse)
	codec := c.Init.err
	if len(c.Init.Input) > wire.MaxPayload-wire.TaskHeaderLen {
		codec = wire.ErrTooLarge
	}
	if err == nil && codec != nil {
		err = &work.CodecError{Kernel: c.Init.Kernel, Step: work.EncodingInput.String(), Err: codec}
	}
	return err
}

func refused(option string, value any, reason string) error {
	return &work.OptionError{Strategy: name, Option: option, Value: value, Reason: reason}
}
