package catalog

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies/inproc"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A Strategy is a named way to execute, as a row in an explicit table.
type Strategy struct {
	Name         string // one lower-case word
	Doc          string // one sentence: what it is and what it stands for
	Capabilities Capabilities
	// New returns an executor that is ready to run: its workers exist and, if they are
	// processes, have answered. It validates c.
	New func(ctx context.Context, c Config) (work.Executor, error)
	// With returns the strategy with settings of its own, or an error for a setting that is
	// not supported here. It is nil for a strategy without settings.
	With func(s Setting) (Strategy, error)
}

// A Setting is a choice for a strategy whose workers are processes, besides its Config. Zero
// fields are the strategy's own choice.
type Setting struct {
	Transport string        // by which bytes reach a worker
	Start     string        // method that starts a worker
	Prefetch  int           // most tasks on their way to a worker and at it
	Ahead     time.Duration // of work on its way to a worker, about
	Recycle   int           // tasks after which a worker is replaced; 0 is never
	Prepare   Preparation   // runs first in each worker
}

// A Preparation is a task that every worker process runs once, before its first task, for the
// state that it leaves behind there. The zero Preparation is none.
type Preparation struct {
	Kernel string // by its name
	Input  string // as the kernel's codec encodes it
}

// Config is the input of every strategy's New.
type Config struct {
	// Workers is the number of tasks that run at once; 0 means GOMAXPROCS. A strategy that is
	// not Parallel has one worker, whatever the number.
	Workers int
	// Worker is the program of worker processes, with its arguments; only strategies whose
	// workers are processes read it.
	Worker []string
}

// WorkerCount returns Workers with the default filled in, or an OptionError.
func (c Config) WorkerCount() (int, error) { return work.WorkerCount(c.Workers) }

// Capabilities say what a strategy can do. The conformance suite skips by them, and an
// executor refuses an option outside them with an OptionError.
type Capabilities struct {
	Processes bool // workers are processes: crashes are contained, inputs are encoded
	Parallel  bool // more than one task runs at a time
	Nests     bool // a task may wait for a job of its own executor; else such a job gets ErrNested
	Balances  bool // a free worker runs tasks that wait behind a busy one; else tasks stay with their worker
	Keys      bool // tasks with equal keys run on one worker, in the order of the input
	Exclusive bool // one task runs at a time, except for those that wait by Wait or Blocking
	Resumes   bool // runs kernels by their resumable form, and refuses those that have none
	Limits    bool // Options.Limit is enforced
	Retries   bool // Options.Retries is honoured
	Recycles  bool // Setting.Recycle is honoured
	Prepares  bool // Setting.Prepare is honoured

	Idiom       Idiom // the only jobs that it runs, if not all
	Unbounded   bool  // more than Config.Workers tasks may run at once
	LosesGoexit bool  // a task that calls runtime.Goexit may cost a worker for good
}

// String returns the names of the capabilities that c has, as in "parallel nests balances".
func (c Capabilities) String() string {
	var words []string
	for _, can := range []struct {
		name string
		has  bool
	}{
		{"processes", c.Processes}, {"parallel", c.Parallel}, {"nests", c.Nests}, {"balances", c.Balances}, {"keys", c.Keys},
		{"exclusive", c.Exclusive}, {"resumes", c.Resumes}, {"limits", c.Limits}, {"retries", c.Retries}, {"recycles", c.Recycles}, {"prepares", c.Prepares},
		{"unbounded", c.Unbounded}, {"loses-goexit", c.LosesGoexit},
		{"whole-maps", c.Idiom == MapIdiom}, {"whole-streams", c.Idiom == StreamIdiom},
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
		single("serial", "one goroutine, one task after the other", Capabilities{Nests: true, Balances: true, Limits: true}, inproc.Serial),
		pool("pool", "persistent goroutines claiming tasks from one shared counter", nesting, inproc.Pool),
		pool("steal", "persistent goroutines with a range of tasks each, the idle taking half of another's rest", nesting, inproc.Steal),
		pool("static", "persistent goroutines with equal shares fixed beforehand; nobody takes another's", Capabilities{Parallel: true}, inproc.Static),
		pool("spawn", "a new goroutine for each chunk, bounded by a semaphore", balanced, inproc.Spawn),
		pool("channel", "the textbook pool: goroutines that receive chunks from one unbuffered channel", balanced, inproc.Channel),
		pool("buffered", "the textbook pool: goroutines that receive chunks from one channel with room for 100", balanced, inproc.Buffered),
		pool("actor", "persistent goroutines with a mailbox each: a task goes to the worker that keeps the state of its key", Capabilities{Parallel: true, Keys: true}, inproc.Actor),
		single("loop", "an event loop: one goroutine, on which tasks that wait are parked on timers and the poller", Capabilities{Balances: true, Resumes: true}, inproc.Loop),
		pool("gil", "a pool under one lock that is released while a task waits, as an interpreter's lock is", Capabilities{Parallel: true, Balances: true, Exclusive: true}, inproc.GIL),
	}
}

// pool returns the row of a strategy over so many workers.
func pool(name, doc string, can Capabilities, make func(workers int) work.Executor) Strategy {
	return Strategy{Name: name, Doc: doc, Capabilities: can, New: func(_ context.Context, c Config) (work.Executor, error) {
		if _, err := c.WorkerCount(); err != nil {
			return nil, err
		}
		return make(c.Workers), nil
	}}
}

// single returns the row of a strategy that always has one worker.
func single(name, doc string, can Capabilities, make func() work.Executor) Strategy {
	return pool(name, doc, can, func(int) work.Executor { return make() })
}

// Named returns the strategy of [Goroutines] of that name, and panics if there is none.
func Named(name string) Strategy {
	table := Goroutines()
	i := slices.IndexFunc(table, func(s Strategy) bool { return s.Name == name })
	if i < 0 {
		panic("catalog: no strategy " + name)
	}
	return table[i]
}
