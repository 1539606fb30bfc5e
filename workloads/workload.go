// Package workloads defines workloads and runs their tasks as jobs. A workload is a kind of task to
// measure. The workloads themselves are in the packages below this one. Package kernels needs only
// the standard library; payload, web and sqlite need further packages.
//
//  1. A [Workload] names a kernel and its parameters.
//  2. Workload.New checks [Params] and returns a [Load]: the workload with these parameters.
//  3. [Load.Inputs] makes the tasks, outside of the measured time.
//  4. [Load.Direct], [Load.Map] and [Load.Stream] run the tasks as one job, inside the measured
//     time.
//  5. [Load.Digest] checks that the job did all of its work, outside of the measured time.
//
// To add a workload, write a kernel with its codecs and a function that makes the input of task i.
// Pass both to [Of], or to [Define] if the workload has parameters. Package fault injects faults
// into tasks. Package mix makes data and digests from seeds.
package workloads

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/work"
	"github.com/payoff-bench/payoff/workloads/fault"
)

// A Workload is a kind of task with its parameters. Tables such as kernels.All list the workloads.
type Workload struct {
	Name     string // one lower-case word
	Doc      string // one sentence: the work of a task, and an example of real work
	Waits    bool   // whether tasks mostly wait; for such tasks reports give speed-up and concurrency, but no efficiency, which would have no meaning
	Grains   bool   // whether Params.Grain and Params.Spread can be set; otherwise Grain must be 0 and Spread none
	Payloads bool   // whether Params.Payload can be set; otherwise it must be 0
	OnDisk   bool   // whether tasks work on files in Params.Dir, so that the filesystem of this folder matters
	Heavy    bool   // whether the kernel links code that slows the start of worker processes; the lean worker program, payoff-worker, lacks such kernels
	Children bool   // whether tasks start processes that end with the task; the CPU time of these processes counts
	Shared   bool   // whether the tasks of a job share state, so that a failed task affects other tasks
	Plain    bool   // whether the tasks are never batches and never have injected faults, see DefinePlain
	Finest   int    // smallest grain in ns; 0 means 1
	Smallest int    // smallest payload in bytes
	Largest  int    // largest payload in bytes; 0 means MaxPayload
	Memories bool   // whether Params.Memory can be set; otherwise it must be 0
	// Codecs are the names of the codecs that can replace the kernel's own codec for worker
	// processes. It is empty if only the own codec works.
	Codecs []string
	// Loop is set if the tasks are compared with a loop in another language: it is the name of
	// the strategy that runs this loop in place of the direct loop. Otherwise it is "".
	Loop string
	// Uses states how much memory a task allocates, and which cache level holds its data.
	Uses string
	// Serve is the main function of a server process. It writes the address of the server to
	// out, as one line, and serves the tasks until in ends. So the server ends when the process
	// that holds the other end of in ends. Serve is nil if tasks need no server.
	Serve func(in io.Reader, out io.Writer) error
	// Kernel is the kernel that a worker process serves.
	Kernel work.Callable
	// Others are the further kernels that a worker process serves. They are variants of Kernel with
	// other codecs, injected faults or batches, and the kernel that prepares the process.
	Others []work.Callable
	// New prepares the workload with parameters p. It returns a [ParamError] for invalid
	// parameters. The caller must close the Load.
	New func(p Params) (Load, error)
}

// Params are the parameters of a workload.
type Params struct {
	Grain   int    // mean nominal work of a task, in ns
	Batch   int    // number of inputs of the kernel that form one task; 0 means 1
	Spread  string // name of one of [Spreads]; "" for equal tasks
	Payload int    // size of the data of a task in bytes
	Shape   string // name of a [fault.Shape], which injects faults; "" for no faults
	Memory  int    // size in bytes of the memory that tasks work on or, for the workload alloc, that the process of the load keeps
	Codec   string // one of Workload.Codecs; "" for the kernel's own codec
	Seed    uint64 // equal seeds give equal tasks and equal digests
	Dir     string // an existing folder that only this launch uses, for workloads with files
	Server  string // address of the server, for workloads with a server

	Program  []string // program and arguments, for the workload command
	Function string   // Python function as module:function, for the workload python
	Inputs   string   // path of a file with one input on each line, for the workloads command and python
	Rules    Rules    // how the workload command runs Program
}

// The limits of the parameters: the grain in ns, the others in bytes.
const (
	MaxGrain   = int(time.Hour)
	MinMemory  = 4 << 10
	MaxPayload = 1 << 30
	MaxMemory  = 1 << 34
	MaxAddress = 64 // size of the longest Params.Server
)

// Define returns a copy of w whose tasks run the kernel k. For each load, Workload.New calls the
// function prepare with parameters that w.Check accepts. If tasks work on files or share state,
// Params.Dir is then an empty folder, which the Close method of the load removes.
//
// If prepare returns an error, New calls the function Free of the Typed that prepare returned. So
// prepare does not have to free resources itself.
func Define[In, Out any](w Workload, k strategies.Kernel[In, Out], prepare func(Params) (Typed[In, Out], error)) Workload {
	k.Name = w.Name
	w = define(w, k, prepare, inject)
	if w.Shapeable() {
		w.Others = append(w.Others, fault.Kernel(k, &fault.Process{}, true))
	}
	if !w.Batches() {
		return w
	}
	whole, single := batched(k), w.New
	w.Others = append(w.Others, whole, staged(whole))
	w.New = func(p Params) (Load, error) {
		if p.Batch <= 1 {
			return single(p)
		}
		if err := w.Check(p); err != nil {
			return nil, err
		}
		return open(w, p, whole, func(p Params) (Typed[[]In, []Out], error) {
			t, err := prepare(p)
			return batches(t, p.Batch), err
		}, nil)
	}
	return w
}

// DefinePlain is like [Define], but for a workload whose tasks are never batches and never have
// injected faults. For each type of input, the compiler generates separate code for batches and
// faults. DefinePlain omits that code, so it adds only a third as much code to a program as Define.
func DefinePlain[In, Out any](w Workload, k strategies.Kernel[In, Out], prepare func(Params) (Typed[In, Out], error)) Workload {
	w.Plain = true
	return define(w, k, prepare, nil)
}

// define returns a copy of w whose tasks run the kernel k. The function inject returns an object
// that runs the jobs of a load with injected faults. If tasks of w never have faults, inject is
// nil.
func define[In, Out any](w Workload, k strategies.Kernel[In, Out], prepare func(Params) (Typed[In, Out], error), inject func(*load[In, Out]) faults[In, Out]) Workload {
	k.Name = w.Name
	w.Kernel = k
	w.Others = append(w.Others, staged(k))
	w.New = func(p Params) (Load, error) {
		if err := w.Check(p); err != nil {
			return nil, err
		}
		return open(w, p, k, prepare, inject)
	}
	return w
}

// open returns a load of w that runs the kernel k with the parameters p, which w.Check must have
// accepted. The functions prepare and inject are those of [define]. If prepare returns an error,
// open closes the load.
func open[In, Out any](w Workload, p Params, k strategies.Kernel[In, Out], prepare func(Params) (Typed[In, Out], error), inject func(*load[In, Out]) faults[In, Out]) (Load, error) {
	l := &load[In, Out]{params: p}
	if inject != nil {
		l.faulty = inject(l)
	}
	l.shape, _ = w.Shape(p.Shape)
	if err := l.prepare(w, k, prepare); err != nil {
		return nil, errors.Join(fmt.Errorf("workload %s: %w", w.Name, err), l.Close())
	}
	return l, nil
}

// Kernels returns all kernels of the workloads in table. A worker program must serve all of them.
func Kernels(table []Workload) (ks []work.Callable) {
	for _, w := range table {
		if w.Loop != "" {
			continue // another workload of the table has its kernel
		}
		ks = append(append(ks, w.Kernel), w.Others...)
	}
	return ks
}

// A ParamError reports that a workload does not allow the value of a parameter.
type ParamError struct {
	Workload string
	Param    string
	Value    any
	Allowed  string // allowed values; completes the sentence "must be …"
}

func (e *ParamError) Error() string {
	return fmt.Sprintf("workload %s: %s = %v: must be %s", e.Workload, e.Param, e.Value, e.Allowed)
}

// Check returns a [ParamError] if p sets a parameter that w does not have, omits a parameter that w
// needs, or exceeds a limit.
func (w Workload) Check(p Params) error {
	wrong := func(param string, value any, allowed string, args ...any) error {
		return &ParamError{w.Name, param, value, fmt.Sprintf(allowed, args...)}
	}
	if _, err := w.Shape(p.Shape); err != nil {
		return err
	}
	const none = "0, because this workload does not have the parameter"
	finest, largest := max(1, w.Finest), cmp.Or(w.Largest, MaxPayload)
	switch spread := p.spread(); {
	case spread == nil:
		var names []string
		for _, s := range Spreads() {
			names = append(names, s.Name)
		}
		return wrong("spread", p.Spread, "one of %s", strings.Join(names, ", "))
	case !w.Grains && spread.Name != None:
		return wrong("spread", p.Spread, "none, because tasks of this workload have no grain")
	case !w.Grains && p.Grain != 0:
		return wrong("grain", p.Grain, none)
	case w.Grains && (p.Grain < finest || p.Grain > MaxGrain):
		return wrong("grain", p.Grain, "%d to %d ns", finest, MaxGrain)
	case p.Batch != 0 && !w.Batches():
		return wrong("batch", p.Batch, none)
	case p.Batch < 0 || p.Batch > MaxBatch:
		return wrong("batch", p.Batch, "1 to %d inputs", MaxBatch)
	case p.Codec != "" && !slices.Contains(w.Codecs, p.Codec):
		return wrong("codec", p.Codec, "one of %s", strings.Join(append([]string{"own"}, w.Codecs...), ", "))
	case p.Codec == Reference && p.Shape != "":
		return wrong("codec", p.Codec, "another one: codec reference needs the data before the job, but tasks with faults may make their data during the job")
	case !w.Payloads && p.Payload != 0:
		return wrong("payload", p.Payload, none)
	case w.Payloads && (p.Payload < w.Smallest || p.Payload > largest):
		return wrong("payload", p.Payload, "%d to %d bytes", w.Smallest, largest)
	case !w.Memories && p.Memory != 0:
		return wrong("memory", p.Memory, none)
	case w.Memories && (p.Memory < MinMemory || p.Memory > MaxMemory):
		return wrong("memory", p.Memory, "%d to %d bytes", MinMemory, MaxMemory)
	case w.inFolder() && p.Dir == "":
		return wrong("dir", `""`, "an existing folder")
	case w.Serve != nil && (p.Server == "" || len(p.Server) > MaxAddress):
		return wrong("server", p.Server, "the address of its server")
	}
	return nil
}

// inFolder reports whether each load of w needs a folder of its own.
func (w Workload) inFolder() bool { return w.OnDisk || w.Shared }

// Shapeable reports whether faults can be injected into the tasks of w. Such tasks must compute for
// a grain and share no state.
func (w Workload) Shapeable() bool { return w.Grains && !w.Plain && !w.Waits && !w.Shared }

// Shape parses the name of a shape, which selects injected faults, and checks that w allows this
// shape. Its errors are of type [ParamError].
func (w Workload) Shape(name string) (fault.Shape, error) {
	s, err := fault.Parse(name)
	switch {
	case err == nil && s.Name == "":
		return s, nil
	case !w.Shapeable():
		err = errors.New("none, because faults can be injected only into tasks that compute for a grain and share no state")
	case err == nil && s.Inputs != fault.Before && !w.Payloads:
		err = errors.New("without lazy and eager, because tasks of this workload have no payload")
	}
	if err != nil {
		return fault.Shape{}, &ParamError{w.Name, "shape", name, err.Error()}
	}
	return s, nil
}
