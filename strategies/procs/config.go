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

// A Config is the configuration of [New]. The field Program is required. If another field is zero,
// New uses the default value.
//
// All fields may be set together. With the start method [Task], a process runs one task, whatever
// the value of Recycle.Tasks. With [Chunk], a process runs one chunk, whatever the values of
// Prefetch and Recycle.
//
// The start method [Helper], Recycle.Memory and the fields of Process that are marked "Linux only"
// need Linux. On other systems New returns an OptionError for them.
type Config struct {
	Workers int     // 0 means GOMAXPROCS
	Program Program // the program that worker processes run
	// Transport carries bytes to and from workers; the zero value means pipes. A worker polls for
	// its next task for 30 µs, yielding the CPU between polls, before it sleeps. If Workers is
	// below GOMAXPROCS and the transport is shared memory, this process polls for 30 µs without
	// yielding, and workers poll for space for their output in the same way. With more workers,
	// polling without yielding would take the CPU from the other side.
	Transport transport.Transport
	Start     Start // how worker processes are started
	// Arena is the number of bytes that this process and all workers share for buffers; 0 means none.
	// [Executor.Buffer] allocates them. Address space is taken at once, memory when buffers need it.
	// The transport does not matter. On systems other than Linux, buffers are copied.
	//
	// Every worker can write all of the arena; see package shared. A task that has received buffers
	// and was lost with its worker is not run again, whatever Options.Retries says, since it may have
	// changed their bytes. The same holds for a task without buffers that was sent in the moment in
	// which another worker was sent buffers: the pool cannot distinguish their encoded inputs. Use a
	// pool without an arena for tasks that need Retries.
	Arena    int
	Prefetch Prefetch
	Process  Process
	// Depth is the number of process pools, in programs on other hosts, in which this pool is nested.
	// It counts in addition to those of this host.
	Depth   int
	Init    Init
	Recycle Recycle
	// StartTimeout is the longest time that a worker may take to answer the handshake; 0 means 10
	// s.
	StartTimeout time.Duration
	// Grace is the delay between the steps by which a worker is ended: end of its input, SIGTERM,
	// SIGKILL. 0 means 500 ms.
	Grace time.Duration
}

// A Program is the program that worker processes run. [Self] and [Command] return Programs.
type Program struct {
	command []string
	self    bool
}

// Self returns the Program that runs this program again. The main function of this program must
// first call worker.Main. Every worker needs the start-up time and the memory of all packages that
// this program links.
func Self() Program { return Program{self: true} }

// Command returns the Program at path, to be started with the arguments args. A path without a
// slash is searched for in the folders of the variable PATH. The main function of the program must
// call worker.Serve.
func Command(path string, args ...string) Program {
	return Program{command: append([]string{path}, args...)}
}

// resolve returns the path of the program and its arguments.
func (p Program) resolve() ([]string, error) {
	command := p.command
	if p.self {
		if command = worker.Command(); command == nil {
			return nil, refused("program", "self", "this program is not its own worker program: call worker.Main first in main")
		}
	}
	if len(command) == 0 || command[0] == "" {
		return nil, refused("program", command, "is required; go build ./cmd/payoff-worker builds a worker program")
	}
	path, err := exec.LookPath(command[0])
	if err != nil && !errors.Is(err, exec.ErrDot) {
		return nil, newStartError(command[0], nil, err, "")
	}
	return append([]string{path}, command[1:]...), nil
}

// A Start is a method to start worker processes. Every Start executes a program, so a worker
// inherits descriptors and environment, but no memory. A Go program cannot fork without exec, since
// only the forking thread would exist in the child.
type Start uint8

const (
	// Exec runs the program for each worker. It corresponds to the start method spawn of Python's
	// multiprocessing, without the import of the main module.
	Exec Start = iota
	self       // like Exec, but runs this program, as [Self] does; a value of Setting.Start
	// Standby is Exec with spare workers. As many spares as Workers, but at most 4, are started and
	// prepared in advance. A spare replaces a lost or recycled worker at once. This corresponds to
	// pre-fork servers; of all methods, its time to provide a worker is the closest to that of
	// fork.
	Standby
	// Helper lets a small process, an instance of the worker program, start the workers; Linux
	// only. This process sends the helper the descriptors of each worker. It corresponds to the
	// start method forkserver of multiprocessing, except that workers share no memory with the
	// helper. Workers are children of this process, which waits for them. A helper that has ended
	// is started again when the next worker is needed.
	Helper
	// Task starts a process for each task, when the task is submitted. It corresponds to
	// Process(target) of multiprocessing, or to maxtasksperchild=1 with chunksize=1.
	Task
	// Chunk starts a process for each chunk, like Pool(maxtasksperchild=1) of multiprocessing.
	Chunk

	starts
)

func (s Start) String() string {
	if s < starts {
		return Starts()[s].Name
	}
	return fmt.Sprintf("start %d", uint8(s))
}

// A Prefetch limits how many tasks are sent to a worker in advance, before it can run them. With a
// larger limit, the worker waits less for its next task. With a smaller limit, more tasks remain
// for other workers that become free. A zero field means the default.
type Prefetch struct {
	Tasks int           // largest number of tasks sent to a worker that have no outcome, rounded down to whole chunks but at least one chunk; 0 means no limit
	Time  time.Duration // approximate running time of the tasks sent to a worker that have no outcome; 0 means 5 ms for a map and 1 ms for a stream
}

// A Process holds the attributes of worker processes. With the zero Process, workers have the
// working folder, nice value and CPUs of this process, and GOMAXPROCS=1 as their only environment
// variable. If kernels need variables such as PATH, HOME or TMPDIR, Env must contain them.
//
// A worker leads a process group. When the worker ends, all processes of its group are killed,
// including those that a kernel has started. A process that a kernel starts in a group or session
// of its own, as setsid does, is not killed and may outlive the worker.
type Process struct {
	Env    []string // variables as NAME=value, in addition to GOMAXPROCS
	Dir    string   // working folder; empty means the folder of this process
	Procs  int      // GOMAXPROCS; 0 means 1
	Nice   int      // added to the nice value of this process, 0 to 19; Linux only
	CPUs   []int    // CPUs that the process may run on; nil means the CPUs of this process; Linux only
	Memory int64    // bytes of data (RLIMIT_DATA) that the process may use in addition to its data at the handshake, at least 16 MiB; 0 means no limit; Linux only

	Profile     string // existing folder for a profile of each process; a killed process leaves an empty file; empty means no profile
	ProfileKind string // kind of that profile, such as cpu or heap; empty means cpu
}

// Recycle says when a healthy worker is replaced by a new one. A zero field means never. The old
// worker first finishes the task that it is running. Other workers run the tasks that it has
// received in advance.
type Recycle struct {
	Tasks  int           // number of tasks that the worker has run
	Age    time.Duration // time since the worker became ready; a worker that has tasks by then first runs one
	Memory int64         // resident bytes of the worker, checked every few ms, so that it may use more for a while; Process.Memory is a hard limit; Linux only
}

// An Init names a kernel that prepares each worker process. The kernel runs once in the process,
// before the first task, and its output is discarded. The worker program must pass the kernel to
// worker.Serve or worker.Main like any other kernel. The zero Init names no kernel. [Prepare]
// returns an Init.
type Init struct {
	Kernel string        // name of the kernel
	Input  []byte        // encoded argument of the kernel
	Limit  time.Duration // longest time that the kernel may run; 0 means 10 s

	err error // error of encoding the argument
}

// Prepare returns an [Init] that runs kernel k with the argument in. If the argument cannot be
// encoded, [New] later returns the error.
func Prepare[In, Out any](k strategies.Kernel[In, Out], in In) (i Init) {
	i.Kernel = k.Name
	defer func() {
		if p := recover(); p != nil {
			i.err = work.Caught(p)
		}
	}()
	if k.In.Append == nil {
		i.err = errors.New("the kernel has no input codec; set its field In")
		return i
	}
	i.Input, i.err = k.In.Append(nil, in)
	return i
}

// spin is how long a channel is polled without yielding. It is longer than a wake-up, and short
// enough to cost little.
const spin = 30 * time.Microsecond

// lanes checks c and converts it to a configuration for package lane, with all defaults filled in.
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
			Depth:      worker.Depth() + 1 + c.Depth,
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
		*env = append(*env, wire.EnvProfile+"="+c.Process.Profile, wire.EnvProfileKind+"="+cmp.Or(c.Process.ProfileKind, "cpu"))
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
	offer, err := l.Process.Transport.Open()
	if err == nil {
		offer.Close()
	} else if _, lacking := errors.AsType[*transport.RefusedError](err); lacking {
		return l, err // other errors may be temporary; the start of a worker reports them
	}
	return l, nil
}

// check returns an OptionError for the first invalid option, or a CodecError if the argument of the
// initialiser could not be encoded.
func (c Config) check() (err error) {
	refuse := func(bad bool, option string, value any, reason string) {
		if bad && err == nil {
			err = refused(option, value, reason)
		}
	}
	linux := runtime.GOOS == "linux"
	refuse(c.Workers < 0 || c.Workers > work.MaxWorkers, "workers", c.Workers, fmt.Sprintf("must be 1 to %d (0 means GOMAXPROCS)", work.MaxWorkers))
	refuse(c.Start >= starts, "start", uint8(c.Start), fmt.Sprintf("must be one of %v", []Start{Exec, Standby, Helper, Task, Chunk}))
	refuse(c.Start == Helper && !linux, "start", c.Start, "requires Linux, where a process can start children of its parent")
	refuse(c.Prefetch.Tasks < 0 || c.Prefetch.Time < 0, "prefetch", c.Prefetch, "must not be negative (0 means the default)")
	refuse(c.Arena < 0, "arena", c.Arena, "must not be negative (0 means none)")
	refuse(c.StartTimeout < 0, "start timeout", c.StartTimeout, "must not be negative (0 means 10s)")
	refuse(c.Grace < 0, "grace", c.Grace, "must not be negative (0 means 500ms)")
	refuse(c.Init.Limit < 0, "init limit", c.Init.Limit, "must not be negative (0 means 10s)")
	refuse(c.Recycle.Tasks < 0 || c.Recycle.Age < 0 || c.Recycle.Memory < 0, "recycle", c.Recycle, "must not be negative (0 means never)")
	refuse(c.Recycle.Memory > 0 && !linux, "recycle", c.Recycle, "a memory limit requires Linux")
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
