package catalog

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A Strategy is a named way to execute jobs. [Goroutines] returns the strategies whose workers are
// goroutines.
type Strategy struct {
	Name         string // one lower-case word
	Doc          string // one sentence that describes the strategy
	Capabilities Capabilities
	// New returns an executor that is ready: its workers exist, and its worker processes have
	// answered. New validates c.
	New func(ctx context.Context, c Config) (work.Executor, error)
	// With returns the strategy with the settings s, or an error for a setting that it does not
	// support. With is nil for a strategy without settings.
	With func(s Setting) (Strategy, error)
	// Serve runs the server through which executors with the setting s reach their workers, until in
	// ends. It prints a line to out when the server is ready. This line becomes [Config].Server of the
	// executors, and may have a password. Serve is nil for a strategy without such a server.
	Serve func(s Setting, in io.Reader, out io.Writer) error
	// Check returns the reason why the strategy cannot run here, or nil if it can. Check is nil for a
	// strategy that runs everywhere.
	Check func(ctx context.Context, c Config) error
	// Code is Go code that creates the executor: the right side of an assignment to the executor,
	// or to the executor and an error. {workers} stands for the number of workers. For a [Native],
	// Code is instead the expression with which a job begins in the documentation of the library.
	// Code is empty if there is no constructor.
	Code string
}

// Constructor returns Go code that creates an executor: s.Code with the given number of workers. 0
// workers means GOMAXPROCS.
func (s Strategy) Constructor(workers int) string {
	n := strconv.Itoa(workers)
	if workers == 0 && s.Capabilities.Idiom != AnyJob {
		n = "runtime.GOMAXPROCS(0)" // 0 may mean something else to a library
	}
	return strings.ReplaceAll(s.Code, "{workers}", n)
}

// A Setting configures a strategy whose workers are processes, in addition to the [Config] of the
// strategy. A zero field means the default of the strategy.
type Setting struct {
	Transport string        // how bytes reach a worker and return
	Start     string        // how a worker is started
	Prefetch  int           // largest number of tasks that are sent to a worker and not finished
	Ahead     time.Duration // approximate running time of the tasks sent to a worker in advance
	Arena     int           // bytes of memory that workers share with the program for buffers; 0 means none
	Recycle   int           // number of tasks after which a worker is replaced; 0 means never
	Prepare   Preparation   // task that each worker runs first
	Hosts     int           // number of groups of workers, each of which stands for a host; 0 means 1
	RoundTrip time.Duration // round trip between the hosts and the server, which a proxy adds
}

// A Preparation is a task that every worker process runs once before its first task, to set up
// state in the process. The zero Preparation stands for no task.
type Preparation struct {
	Kernel string // name of the kernel
	Input  string // input of the task, encoded by the codec of the kernel
}

// A Config is the argument of Strategy.New, the function that creates an executor.
type Config struct {
	// Workers is the number of tasks that run at the same time; 0 means GOMAXPROCS. A strategy
	// without the capability Parallel always has one worker.
	Workers int
	// Worker is the command line of the worker processes: the program and its arguments. Strategies
	// without worker processes ignore it.
	Worker []string
	// Server is the line that Strategy.Serve printed; "" if no server runs. Strategies without a server
	// ignore it.
	Server string
	// Python is the path of the interpreter that runs pools of Python; "" means python3 in PATH.
	// Other strategies ignore it.
	Python string
}

// WorkerCount returns c.Workers, or GOMAXPROCS if c.Workers is 0. If the number is invalid, it
// returns an OptionError.
func (c Config) WorkerCount() (int, error) { return work.WorkerCount(c.Workers) }

// Capabilities describe what a strategy can do. The tests of package strategiestest skip the rules
// that need a missing capability. If an option needs a missing capability, the executor returns an
// OptionError.
type Capabilities struct {
	Processes bool // workers are processes: a crash ends one worker, and inputs are encoded
	Parallel  bool // more than one task runs at a time
	Nests     bool // a task may wait for a job of its own executor; without this capability such a job fails with ErrNested
	Balances  bool // a free worker runs tasks that wait for a busy worker; without this capability tasks stay with their worker
	Keys      bool // tasks with equal keys run on one worker, in the order of the input
	Exclusive bool // one task runs at a time, except during Wait and Blocking
	Resumes   bool // runs the resumable form of kernels, and refuses kernels without one
	Limits    bool // enforces Options.Limit
	Retries   bool // supports Options.Retries
	Recycles  bool // supports Setting.Recycle
	Prepares  bool // supports Setting.Prepare

	Idiom       Idiom  // kind of job that the strategy runs
	Order       string // for RemoteIdiom: the one order in which the strategy delivers: map, input, completion or single
	Chunks      bool   // for RemoteIdiom: the strategy accepts a chunk size
	Alone       bool   // for RemoteIdiom: if a task fails, the outcomes of other tasks are kept
	Shared      bool   // worker processes are shared with other executors, so more than Config.Workers of them may run tasks, though not at the same time
	Unbounded   bool   // more tasks than Config.Workers may run at the same time
	LosesGoexit bool   // a task that calls runtime.Goexit may end a worker permanently
}

// String returns the names of the capabilities in c, such as "parallel nests balances".
func (c Capabilities) String() string {
	var words []string
	for _, can := range []struct {
		name string
		has  bool
	}{
		{"processes", c.Processes}, {"parallel", c.Parallel}, {"nests", c.Nests}, {"balances", c.Balances}, {"keys", c.Keys},
		{"exclusive", c.Exclusive}, {"resumes", c.Resumes}, {"limits", c.Limits}, {"retries", c.Retries}, {"recycles", c.Recycles}, {"prepares", c.Prepares},
		{"unbounded", c.Unbounded}, {"shared", c.Shared}, {"loses-goexit", c.LosesGoexit},
		{"whole-maps", c.Idiom == MapIdiom}, {"whole-streams", c.Idiom == StreamIdiom}, {"elsewhere", c.Idiom == RemoteIdiom},
	} {
		if can.has {
			words = append(words, can.name)
		}
	}
	return strings.Join(words, " ")
}

// Goroutines returns the strategies of package inproc, whose workers are goroutines.
func Goroutines() []Strategy {
	var (
		balanced = Capabilities{Parallel: true, Balances: true, Limits: true}
		nesting  = Capabilities{Parallel: true, Nests: true, Balances: true, Limits: true}
	)
	return []Strategy{
		single("serial", "an executor with one goroutine; it is slower than the direct loop only by the overhead of an executor", Capabilities{Nests: true, Balances: true, Limits: true}, inproc.Serial, "strategies.Serial()"),
		pool("pool", "persistent goroutines that claim tasks from one shared counter", nesting, inproc.Pool, "strategies.Pool({workers})"),
		pool("steal", "persistent goroutines with a range of tasks each; an idle goroutine takes half of the remaining tasks of another", nesting, inproc.Steal, "strategies.Steal({workers})"),
		pool("static", "persistent goroutines with an equal share of the tasks each, fixed in advance, without balancing", Capabilities{Parallel: true}, inproc.Static, "strategies.Static({workers})"),
		pool("spawn", "a new goroutine for each chunk, bounded by a semaphore", balanced, inproc.Spawn, "strategies.Spawn({workers})"),
		pool("channel", "the usual worker pool of Go: goroutines that receive chunks from one unbuffered channel", balanced, inproc.Channel, "strategies.Channel({workers})"),
		pool("buffered", "the usual worker pool of Go: goroutines that receive chunks from one channel with a buffer of 100", balanced, inproc.Buffered, "strategies.Buffered({workers})"),
		pool("actor", "persistent goroutines with a mailbox each; a task goes to the worker that keeps the state of its key", Capabilities{Parallel: true, Keys: true}, inproc.Actor, "strategies.Actor({workers})"),
		single("loop", "an event loop: one goroutine; tasks that wait for timers or descriptors do not block it", Capabilities{Balances: true, Resumes: true}, inproc.Loop, "strategies.Loop()"),
		pool("gil", "a pool whose workers share one lock, like an interpreter lock; a task releases the lock while it waits", Capabilities{Parallel: true, Balances: true, Exclusive: true}, inproc.GIL, "strategies.GIL({workers})"),
	}
}

// pool returns a row of the table: the Strategy with the given name, description, capabilities and
// code of its constructor. The function make creates its executors.
func pool(name, doc string, can Capabilities, make func(workers int) work.Executor, code string) Strategy {
	return Strategy{Name: name, Doc: doc, Capabilities: can, Code: code, New: func(_ context.Context, c Config) (work.Executor, error) {
		if _, err := c.WorkerCount(); err != nil {
			return nil, err
		}
		return make(c.Workers), nil
	}}
}

// single is like pool, for a strategy whose executors always have one worker, so that the function
// make needs no number of workers.
func single(name, doc string, can Capabilities, make func() work.Executor, code string) Strategy {
	return pool(name, doc, can, func(int) work.Executor { return make() }, code)
}

// Named returns the strategy of [Goroutines] with the given name. It panics if there is no such
// strategy.
func Named(name string) Strategy {
	table := Goroutines()
	i := slices.IndexFunc(table, func(s Strategy) bool { return s.Name == name })
	if i < 0 {
		panic("catalog: no strategy " + name)
	}
	return table[i]
}
