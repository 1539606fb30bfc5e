package procs

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Config is what [New] is told. Worker, the program that workers run, is required unless
// Entry says that it is this one.
type Config struct {
	catalog.Config
	// Transport is how bytes travel; the zero value is pipes. A worker looks for its next task
	// for 30 µs before it sleeps, and yields its core meanwhile. Where there are fewer workers
	// than GOMAXPROCS, a lane looks at shared memory for as long without yielding, and a worker
	// so for room; else that would take the core from the other side.
	Transport transport.Transport
	// Start is how workers come to be.
	Start Start
	// Entry is what worker.Main returned; workers are then this program, executed again. In
	// such a worker, where Main does not return, it need not be named.
	Entry worker.Entry
	// Prefetch is how much is on its way to a worker.
	Prefetch Prefetch
	// Process is what a worker process is given.
	Process Process
	// Init is run by each worker once, before its first task.
	Init Init
	// Recycle is when a worker is replaced.
	Recycle Recycle
	// StartTimeout is how long a worker may take to answer; 0 means 10 s.
	StartTimeout time.Duration
	// Grace is how long a worker is given to end after the end of its input, and
	// again after SIGTERM, before SIGKILL; 0 means 500 ms.
	Grace time.Duration

	helper *helper       // that starts workers; nil if this process does
	spin   time.Duration // how long a side looks before it sleeps, where a transport can
}

// spin is longer than a wake-up takes, and shorter than what anybody would miss.
const spin = 30 * time.Microsecond

// Prefetch is how much is on its way to a worker and at it. More spares waiting for the next
// task, less leaves tasks to whoever is free first. A zero field is the default.
type Prefetch struct {
	Tasks int           // at most, rounded down to whole chunks, but one chunk at least; 0 is no limit
	Time  time.Duration // of work, about; 0 means 5 ms for a map and 200 µs for a stream
}

// Recycle is when a worker is replaced although nothing is wrong with it. A zero field is
// no limit. A worker that is replaced first finishes the task that it runs; what was sent
// ahead to it runs elsewhere.
type Recycle struct {
	Tasks  int           // after so many tasks, whatever the chunks
	Age    time.Duration // when it has been ready for so long
	Memory int64         // when it occupies more bytes (resident) than this; Linux only. It is looked at every few ms, so it is no wall: see Process.Memory
}

// check validates c, fills in its defaults and finds the program.
func (c Config) check() (Config, error) {
	refuse := func(option string, value any, reason string) (Config, error) {
		return c, &strategies.OptionError{Strategy: Name, Option: option, Value: value, Reason: reason}
	}
	entry := c.entry()
	if c.Start == Self && entry.Command() == nil {
		return refuse("entry", entry, "must come from worker.Main, which belongs first in main")
	}
	if command := entry.Command(); command != nil {
		if len(c.Worker) > 0 && c.Start == Self {
			return refuse("worker", c.Worker, "must not be named where this program is its own worker")
		}
		if len(c.Worker) == 0 {
			c.Worker = command
		}
	}
	switch {
	case c.Workers < 0 || c.Workers > work.MaxWorkers:
		return refuse("workers", c.Workers, fmt.Sprintf("must be 1 to %d (0 means GOMAXPROCS)", work.MaxWorkers))
	case len(c.Worker) == 0 || c.Worker[0] == "":
		return refuse("worker", c.Worker, "name the program that workers run; go build ./cmd/payoff-worker makes it")
	case c.Start >= starts:
		return refuse("start", uint8(c.Start), fmt.Sprintf("must be one of %v", Starts()))
	case c.Start == Helper && runtime.GOOS != "linux":
		return refuse("start", c.Start, "needs Linux, where a process can start another as its parent's child")
	case c.Prefetch.Tasks < 0 || c.Prefetch.Time < 0:
		return refuse("prefetch", c.Prefetch, "must not be negative (0 means the default)")
	case c.StartTimeout < 0:
		return refuse("start timeout", c.StartTimeout, "must not be negative (0 means 10s)")
	case c.Grace < 0:
		return refuse("grace", c.Grace, "must not be negative (0 means 500ms)")
	case c.Init.Limit < 0:
		return refuse("init limit", c.Init.Limit, "must not be negative (0 means 10s)")
	case c.Recycle.Tasks < 0 || c.Recycle.Age < 0 || c.Recycle.Memory < 0:
		return refuse("recycle", c.Recycle, "must not be negative (0 means never)")
	case c.Recycle.Memory > 0 && runtime.GOOS != "linux":
		return refuse("recycle", c.Recycle, "memory of a worker is known on Linux alone")
	}
	if err := c.Process.check(); err != nil {
		return c, err
	}
	if err := c.Init.encode(); err != nil {
		return c, err
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.Workers < runtime.GOMAXPROCS(0) {
		c.spin = spin
	}
	if c.Transport.Name == "" {
		c.Transport = transport.Pipe()
	}
	c.Transport = c.Transport.Spin(c.spin)
	var refused *transport.RefusedError
	if offer, err := c.Transport.Open(); err == nil {
		offer.Close()
	} else if errors.As(err, &refused) {
		return c, err // others may pass, and fail the start that they hinder
	}
	if c.StartTimeout == 0 {
		c.StartTimeout = 10 * time.Second
	}
	if c.Grace == 0 {
		c.Grace = 500 * time.Millisecond
	}
	if c.Start == Task {
		c.Recycle.Tasks = 1
	}
	path, err := exec.LookPath(c.Worker[0])
	if err != nil && !errors.Is(err, exec.ErrDot) {
		return c, &StartError{Path: c.Worker[0], Err: err}
	}
	c.Worker = append([]string{path}, c.Worker[1:]...)
	c.Process.Env = append([]string{fmt.Sprintf("GOMAXPROCS=%d", max(c.Process.Procs, 1))}, c.Process.Env...)
	if c.Process.Profile != "" {
		c.Process.Env = append(c.Process.Env, wire.EnvProfile+"="+c.Process.Profile)
	}
	return c, nil
}

// entry is Entry, or this worker's own.
func (c Config) entry() worker.Entry {
	if c.Entry.Command() == nil {
		return worker.Served()
	}
	return c.Entry
}

// A Start is how workers come to be. Go cannot fork a process without executing a
// program, since only the thread that forks would be in the child; so all of these
// execute one, and what is inherited is descriptors and environment, never memory.
type Start uint8

const (
	// Exec runs the program Config.Worker, a lean one. It corresponds to
	// multiprocessing's spawn, without the import of the main module.
	Exec Start = iota
	// Self runs this program again; see worker.Main. It corresponds to
	// multiprocessing's spawn. It pays for everything that this program links.
	Self
	// Standby keeps as many workers as there are at work, at most 4, started and
	// prepared ahead, to take the place of one that is lost or recycled at once. It
	// corresponds to the pre-fork servers, and is the nearest to fork in hand-out time.
	Standby
	// Helper has workers started by a small process, the worker program itself, that is
	// started before the first of them and handed each one's descriptors; Linux only. It
	// corresponds to multiprocessing's forkserver, except that a worker has nothing of the
	// helper's memory. The workers are children of this process, which alone notices their
	// end; a helper that has ended is started again when the next worker is wanted.
	Helper
	// Task is a process for each task, what multiprocessing's Process(target) and
	// maxtasksperchild=1 with chunksize=1 do. The process is started when its task is
	// there.
	Task
	// Chunk is a process for each chunk, what Pool(maxtasksperchild=1) does.
	Chunk

	starts
)

var startNames = [starts]string{"exec", "self", "standby", "helper", "task", "chunk"}

func (s Start) String() string {
	if s < starts {
		return startNames[s]
	}
	return fmt.Sprintf("start %d", uint8(s))
}

// Doc is one line on s.
func (s Start) Doc() string {
	return [starts]string{
		Exec:    "the worker program is run for each worker",
		Self:    "the program itself is run again for each worker",
		Standby: "as exec, with some started and prepared ahead",
		Helper:  "a small process starts the workers",
		Task:    "a process for each task",
		Chunk:   "a process for each chunk",
	}[s]
}

// Starts returns every Start.
func Starts() []Start { return []Start{Exec, Self, Standby, Helper, Task, Chunk} }

// ParseStart returns the Start of that name.
func ParseStart(name string) (Start, error) {
	for _, s := range Starts() {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("start %q: not one of %s", name, strings.Join(startNames[:], ", "))
}

// onDemand reports whether a worker is started when there is work for it alone.
func (s Start) onDemand() bool { return s == Task || s == Chunk }
