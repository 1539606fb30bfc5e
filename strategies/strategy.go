package strategies

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"
)

// A Strategy is a named way to execute, as a row in an explicit table.
type Strategy struct {
	Name         string // one lower-case word
	Doc          string // one sentence: what it is and what it stands for
	Capabilities Capabilities
	// New makes an executor that is ready to run: its workers exist and, where
	// they are processes, have answered. It validates c.
	New func(ctx context.Context, c Config) (Executor, error)
	// With returns the strategy with a setting of its own, as its constructor makes it, or
	// says what of it there is not here. It is nil where there is nothing to set.
	With func(s Setting) (Strategy, error)
}

// A Setting is what can be named of a strategy whose workers are processes beside its
// Config. What is zero is the strategy's own choice.
type Setting struct {
	Transport string        // how bytes reach a worker
	Start     string        // how a worker comes to be
	Prefetch  int           // tasks on their way to a worker and at it, at most
	Ahead     time.Duration // of work on its way to a worker, about
	Recycle   int           // tasks after which a worker is replaced; 0 is never
	Prepare   Preparation   // what each worker runs first
}

// A Preparation is a task that every worker process runs once, before its first task, for
// what it leaves behind there. The zero Preparation is none.
type Preparation struct {
	Kernel string // by its name
	Input  string // as the kernel's codec encodes it
}

// Config is what every strategy is told. A strategy with more to set (transport,
// codec, start) has a constructor of its own and fills these in.
type Config struct {
	// Workers is how many tasks run at once; 0 means GOMAXPROCS.
	Workers int
	// Worker is the program that worker processes run, with its arguments; only
	// strategies whose workers are processes read it.
	Worker []string
}

// MaxWorkers is the most workers that an executor accepts: beyond it is a mistake.
const MaxWorkers = 1 << 16

// WorkerCount is Workers with the default filled in, or an [OptionError]: for whoever
// writes a strategy.
func (c Config) WorkerCount() (int, error) {
	switch {
	case c.Workers == 0:
		return runtime.GOMAXPROCS(0), nil
	case c.Workers < 0 || c.Workers > MaxWorkers:
		return 0, &OptionError{Option: "workers", Value: c.Workers, Reason: fmt.Sprintf("must be 1 to %d (0 means GOMAXPROCS)", MaxWorkers)}
	}
	return c.Workers, nil
}

// Capabilities says what a strategy can do; the conformance suite skips by it, and
// an option outside it is refused with an [OptionError].
type Capabilities struct {
	Processes bool // workers are processes: crashes are contained, inputs are encoded
	Parallel  bool // more than one task runs at a time
	Nests     bool // a task may wait for a job of its own executor; else such a job gets ErrNested
	Balances  bool // a worker that is free runs what waits behind one that is not; else tasks stay with the worker that they were given to
	Keys      bool // tasks with equal keys run on one worker, in the order of the input
	Exclusive bool // one task runs at a time, but for those that wait by Wait or Blocking
	Resumes   bool // runs kernels by their resumable form, and refuses those that have none
	Limits    bool // Options.Limit is enforced
	Retries   bool // Options.Retries is honoured
	Recycles  bool // Setting.Recycle is honoured
	Prepares  bool // Setting.Prepare is honoured

	Idiom       Idiom // the only jobs that it runs, if not all
	Unbounded   bool  // more than Config.Workers tasks may run at once
	LosesGoexit bool  // a task that calls runtime.Goexit may cost a worker for good
}

// String returns the names of what c has, as in "parallel nests balances".
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

// Table returns the strategies of this package: the ones whose workers are goroutines.
func Table() []Strategy {
	return []Strategy{
		SerialStrategy(), PoolStrategy(), StealStrategy(), StaticStrategy(),
		SpawnStrategy(), ChannelStrategy(), BufferedStrategy(), ActorStrategy(), LoopStrategy(), GILStrategy(),
	}
}
