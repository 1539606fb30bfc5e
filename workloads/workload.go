// Package workloads holds the kernels that strategies are compared on, each in a file
// of its own, and what it takes to run one as a job.
//
//  1. A [Workload] names a kernel and says which parameters it has.
//  2. Its New checks [Params] and returns a [Load]: the workload at these parameters.
//  3. [Load.Inputs] makes the tasks, outside the clock.
//  4. [Load.Direct], [Load.Map] and [Load.Stream] run them as one job, inside it.
//  5. [Load.Digest] tells whether that job did all of the work, outside it again.
//
// [Typed] is the one Load there is: to add a workload, write a kernel with its codecs,
// and the input of task i.
package workloads

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A Workload is a kind of task, as a row in an explicit table.
type Workload struct {
	Name     string // one lower-case word
	Doc      string // one sentence: what a task does and what it stands for
	Waits    bool   // tasks mostly wait: efficiency means nothing, speed-up and concurrency do
	Grains   bool   // Params.Grain and Spread are axes; without it must be 0 and none
	Payloads bool   // Params.Payload is an axis; without it must be 0
	OnDisk   bool   // tasks work on files in Params.Dir, so its filesystem matters
	Heavy    bool   // the kernel links what slows the start of a worker process: a lean worker program does not serve it
	Children bool   // tasks start processes that end with them: their CPU time counts
	Shared   bool   // tasks of a job share state: one that fails is missed by the others
	Finest   int    // ns of the finest grain; 0 for 1
	Memories bool   // Params.Memory is an axis; without it must be 0
	// Codecs are what its data can be encoded with on the way to a worker process, beside
	// the codec that Kernel comes with; none where that is the only one.
	Codecs []string
	// Uses is what a task allocates, and which cache what it touches stays in.
	Uses string
	// Serve is the main of a server process: it serves the tasks at an address that it writes
	// to out in a line, until in ends. So it ends with the process that holds the other end
	// of in, however that goes. Nil for tasks that ask no server.
	Serve func(in io.Reader, out io.Writer) error
	// Kernel is what a worker process serves.
	Kernel work.Callable
	// Others are what a worker process serves beside it: the kernel with other codecs, and
	// what prepares a process.
	Others []work.Callable
	// New prepares the workload at p. Parameters that make no sense are a
	// [ParamError]. Whoever calls it closes the Load.
	New func(p Params) (Load, error)
}

// Params is what a workload is prepared for.
type Params struct {
	Grain   int    // nominal work of a task in ns, their mean
	Spread  string // name of one of [Spreads]; "" for equal tasks
	Payload int    // bytes
	Shape   string // name of a [Shape]; "" for none
	Memory  int    // bytes that tasks work on, or beside
	Codec   string // one of Workload.Codecs; "" for the workload's own
	Seed    uint64 // of the tasks: equal seeds give equal tasks and so equal digests
	Dir     string // an existing folder of the launch's own, for workloads that need files
	Server  string // address of the server that tasks ask, for workloads that have one

	Program []string // and its arguments, for [Command]
	Inputs  string   // path of a file with an input a line, for [Command]
}

// The largest parameters that are taken for meant.
const (
	MaxGrain   = int(time.Hour)
	MinMemory  = 4 << 10
	MaxPayload = 1 << 30
	MaxMemory  = 1 << 34
)

// A Load is a workload prepared at its parameters: typed inside, uniform outside. It is
// used by one goroutine.
type Load interface {
	// Inputs makes the tasks 0 to n-1 and the place for their outcomes. They replace
	// those made before; the first of n tasks do not depend on n, unless they are spread.
	Inputs(n int) error
	// Direct applies the kernel to every task in a plain loop. Its error is a
	// [strategies.TaskError], or a [strategies.PanicError].
	Direct(ctx context.Context) error
	// Map runs the tasks as one map.
	Map(ctx context.Context, ex strategies.Executor, o strategies.Options) error
	// Stream runs the tasks as one stream and stores each outcome as it is delivered.
	// It ends at the first that is an error.
	Stream(ctx context.Context, ex strategies.Executor, o strategies.Options) error
	// Stamped is Stream with the clock read at each outcome, when it is done and when it is
	// delivered: for jobs that are not timed. Values then has [HeldUnit] and on.
	Stamped(ctx context.Context, ex strategies.Executor, o strategies.Options) error
	// Open runs a job that is digested like any, and then lets its tasks arrive one by one,
	// as a stream whose input is arrive: arrival k is task k mod n, at the moment at which
	// it is yielded. Of each outcome done is told, on one goroutine at a time. Its error is
	// that of the first task that failed, or had another outcome than in the job before.
	Open(ctx context.Context, ex strategies.Executor, arrive iter.Seq[int], done func(arrival, worker int)) error
	// Single submits task after task, each when the one before has come back.
	Single(ctx context.Context, ex strategies.Executor) error
	// Digest returns the sum over the outcomes of the last job, which does not depend
	// on their order: jobs of the same tasks have the same digest. An outcome that is
	// missing, twice there or in a place where the job's order does not put it is an
	// [OutcomeError]; so is every outcome of a job that failed.
	//
	// It clears the outcomes, so that the next job cannot pass with those of the last:
	// call it after every job that counts. Calling it again repeats its answer.
	Digest() (uint64, error)
	// Values returns what the outcomes of the job that was digested last show beside their
	// digest, by unit, as [ServiceUnit] and, of a stream, [FirstUnit]; nil if nothing.
	Values() map[string]float64
	// Most returns how many tasks one job may have, where handing them over takes so much
	// longer than their work that a job for the plain loop would be too long; 0 for any
	// number.
	Most() int
	// Preparation returns what each worker process is to run before its first task.
	Preparation() catalog.Preparation
	// Close frees what New prepared.
	Close() error
}

// A ParamError is a parameter that a workload cannot be prepared for.
type ParamError struct {
	Workload string
	Param    string
	Value    any
	Allowed  string // what the value must be
}

func (e *ParamError) Error() string {
	return fmt.Sprintf("workload %s: %s = %v: must be %s", e.Workload, e.Param, e.Value, e.Allowed)
}

// Check returns a [ParamError] if p has what w does not, or has it in a size that makes
// no sense. A payload of 0 is sound here.
func (w Workload) Check(p Params) error {
	var spreads []string
	for _, s := range Spreads() {
		spreads = append(spreads, s.Name)
	}
	if _, err := w.Shape(p.Shape); err != nil {
		return err
	}
	switch {
	case p.spread() == nil:
		return &ParamError{w.Name, "spread", p.Spread, "one of " + strings.Join(spreads, ", ")}
	case !w.Grains && p.spread().Name != None:
		return &ParamError{w.Name, "spread", p.Spread, "none, since its tasks have no grain"}
	case !w.Grains && p.Grain != 0:
		return &ParamError{w.Name, "grain", p.Grain, "0, since it has none"}
	case w.Grains && (p.Grain < max(1, w.Finest) || p.Grain > MaxGrain):
		return w.grainError(p.Grain)
	case p.Codec != "" && !slices.Contains(w.Codecs, p.Codec):
		return &ParamError{w.Name, "codec", p.Codec, "its own: there is no other"}
	case !w.Payloads && p.Payload != 0:
		return &ParamError{w.Name, "payload", p.Payload, "0, since it has none"}
	case w.Payloads && (p.Payload < 0 || p.Payload > MaxPayload):
		return &ParamError{w.Name, "payload", p.Payload, fmt.Sprintf("0 to %d bytes", MaxPayload)}
	case !w.Memories && p.Memory != 0:
		return &ParamError{w.Name, "memory", p.Memory, "0, since it has none"}
	case w.Memories && (p.Memory < MinMemory || p.Memory > MaxMemory):
		return &ParamError{w.Name, "memory", p.Memory, fmt.Sprintf("%d to %d bytes", MinMemory, MaxMemory)}
	}
	return nil
}
