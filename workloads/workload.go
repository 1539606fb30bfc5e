// Package workloads defines workloads and runs their tasks as jobs. The workloads themselves are in
// the packages below it. Package kernels needs only the standard library; payload, web and sqlite
// need more.
//
//  1. A [Workload] names a kernel and its parameters.
//  2. Workload.New checks [Params] and returns a [Load]: the workload with these parameters.
//  3. [Load.Inputs] makes the tasks, outside of the measured time.
//  4. [Load.Direct], [Load.Map] and [Load.Stream] run the tasks as one job, inside the measured
//     time.
//  5. [Load.Digest] checks that the job did all of its work, outside of the measured time.
//
// To add a workload, write a kernel with its codecs and a function that makes the input of task
// i, and call [Of]. For a workload with parameters, call [Define]. Package fault makes tasks fail
// on purpose. Package mix makes data and digests from seeds.
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
	Waits    bool   // tasks mostly wait, so efficiency has no meaning; speed-up and concurrency have
	Grains   bool   // whether Params.Grain and Params.Spread can be set; otherwise they must be 0 and none
	Payloads bool   // whether Params.Payload can be set; otherwise it must be 0
	OnDisk   bool   // tasks work on files in Params.Dir, so the filesystem of this folder matters
	Heavy    bool   // the kernel links code that slows the start of worker processes; the lean worker program lacks this kernel
	Children bool   // tasks start processes that end with the task; their CPU time counts
	Shared   bool   // tasks of a job share state, so a task that fails affects other tasks
	Finest   int    // smallest grain in ns; 0 means 1
	Smallest int    // smallest payload in bytes
	Largest  int    // largest payload in bytes; 0 means MaxPayload
	Memories bool   // whether Params.Memory can be set; otherwise it must be 0
	// Codecs are the names of the codecs that can replace the kernel's own codec for worker
	// processes. It is empty if there is no choice.
	Codecs []string
	// Uses states how much memory a task allocates, and which cache level holds its data.
	Uses string
	// Serve is the main function of a server process. It writes the address of the server to out,
	// as one line, and serves the tasks until in ends. The server thus ends with the process that
	// holds the other end of in. Serve is nil if tasks need no server.
	Serve func(in io.Reader, out io.Writer) error
	// Kernel is the kernel that a worker process serves.
	Kernel work.Callable
	// Others are further kernels that a worker process serves: the kernel with other codecs, with
	// injected faults, and the kernel that prepares the process.
	Others []work.Callable
	// New prepares the workload with parameters p. It returns a [ParamError] for invalid
	// parameters. The caller must close the Load.
	New func(p Params) (Load, error)
}

// Params are the parameters of a workload.
type Params struct {
	Grain   int    // mean nominal work of a task, in ns
	Batch   int    // inputs of the kernel in a task; 0 and 1 for one
	Spread  string // name of one of [Spreads]; "" for equal tasks
	Payload int    // size of the data of a task in bytes
	Shape   string // name of a [fault.Shape], which injects faults; "" for no faults
	Memory  int    // bytes that tasks work on, or that the process of the load keeps
	Codec   string // one of Workload.Codecs; "" for the kernel's own codec
	Seed    uint64 // equal seeds give equal tasks and equal digests
	Dir     string // an existing folder that only this launch uses, for workloads with files
	Server  string // address of the server, for workloads with a server

	Program []string // program and arguments, for the workload command
	Inputs  string   // path of a file with one input a line, for the workload command
	Rules   Rules    // of Program
}

// The limits of the parameters.
const (
	MaxGrain   = int(time.Hour)
	MinMemory  = 4 << 10
	MaxPayload = 1 << 30
	MaxMemory  = 1 << 34
	MaxAddress = 64 // largest size of Params.Server in bytes
)

// Define completes w to a workload that runs kernel k. Workload.New calls prepare with parameters
// that w.Check accepts. If tasks work on files or share state, Params.Dir is then an empty folder,
// which the Close method of the load removes. If prepare returns an error, New frees the Typed that
// prepare returned.
func Define[In, Out any](w Workload, k strategies.Kernel[In, Out], prepare func(Params) (Typed[In, Out], error)) Workload {
	k.Name = w.Name
	w.Kernel = k
	if w.Shapeable() {
		w.Others = append(w.Others, fault.Kernel(k, &fault.Process{}, true))
	}
	whole := batched(k)
	if w.Batches() {
		w.Others = append(w.Others, whole)
	}
	w.New = func(p Params) (Load, error) {
		if err := w.Check(p); err != nil {
			return nil, err
		}
		if p.Batch > 1 {
			return open(w, p, whole, func(p Params) (Typed[[]In, []Out], error) {
				t, err := prepare(p)
				return batches(t, p.Batch), err
			})
		}
		return open(w, p, k, prepare)
	}
	return w
}

// open returns a load of w with parameters p, which w has checked, and the kernel k.
func open[In, Out any](w Workload, p Params, k strategies.Kernel[In, Out], prepare func(Params) (Typed[In, Out], error)) (Load, error) {
	l := &load[In, Out]{params: p}
	l.shape, _ = w.Shape(p.Shape)
	if err := l.prepare(w, k, prepare); err != nil {
		return nil, errors.Join(fmt.Errorf("workload %s: %w", w.Name, err), l.Close())
	}
	return l, nil
}

// Kernels returns all kernels of the workloads in table. A worker process serves them.
func Kernels(table []Workload) (ks []work.Callable) {
	for _, w := range table {
		ks = append(append(ks, w.Kernel), w.Others...)
	}
	return ks
}

// A ParamError reports a parameter whose value a workload does not allow.
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
	const none = "0, since the workload does not have this parameter"
	finest, largest := max(1, w.Finest), cmp.Or(w.Largest, MaxPayload)
	switch spread := p.spread(); {
	case spread == nil:
		var names []string
		for _, s := range Spreads() {
			names = append(names, s.Name)
		}
		return wrong("spread", p.Spread, "one of %s", strings.Join(names, ", "))
	case !w.Grains && spread.Name != None:
		return wrong("spread", p.Spread, "none, since its tasks have no grain")
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

// inFolder reports whether each load of w has its own folder.
func (w Workload) inFolder() bool { return w.OnDisk || w.Shared }

// Shapeable reports whether faults can be injected into the tasks of w. These must compute and
// share no state.
func (w Workload) Shapeable() bool { return w.Grains && !w.Waits && !w.Shared }

// Shape parses the name of a shape (a selection of injected faults) and checks that w allows this
// shape. The error is a [ParamError].
func (w Workload) Shape(name string) (fault.Shape, error) {
	s, err := fault.Parse(name)
	switch {
	case err == nil && s.Name == "":
		return s, nil
	case !w.Shapeable():
		err = errors.New("none, since only tasks that compute for a grain and share no state take shapes")
	case err == nil && s.Inputs != fault.Before && !w.Payloads:
		err = errors.New("neither lazy nor eager, since its tasks have no payload")
	}
	if err != nil {
		return fault.Shape{}, &ParamError{w.Name, "shape", name, err.Error()}
	}
	return s, nil
}
