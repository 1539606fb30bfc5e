// Package workloads defines what a workload is, and runs its tasks as jobs. The workloads are in
// the packages below it: kernels, and payload, web and sqlite, which need more than the standard
// library.
//
//  1. A [Workload] names a kernel and its parameters.
//  2. Its New checks [Params] and returns a [Load]: the workload at these parameters.
//  3. [Load.Inputs] makes the tasks, outside the clock.
//  4. [Load.Direct], [Load.Map] and [Load.Stream] run them as one job, inside the clock.
//  5. [Load.Digest] checks that the job did all of the work, outside the clock again.
//
// To add a workload, write a kernel with its codecs and a function that makes the input of task
// i, and call [Of]. [Define] is for workloads with parameters. Package fault makes tasks fail on
// purpose, and package mix makes data and digests from seeds.
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

// A Workload is a kind of task: a row of a table such as kernels.All.
type Workload struct {
	Name     string // one lower-case word
	Doc      string // one sentence: the work of a task, and real work like it
	Waits    bool   // tasks mostly wait: efficiency means nothing, speed-up and concurrency do
	Grains   bool   // Params.Grain and Spread are axes; without it must be 0 and none
	Payloads bool   // Params.Payload is an axis; without it must be 0
	OnDisk   bool   // tasks work on files in Params.Dir, so its filesystem matters
	Heavy    bool   // the kernel links code that slows the start of a worker process: a lean worker program does not serve it
	Children bool   // tasks start processes that end with them: their CPU time counts
	Shared   bool   // tasks of a job share state, so that the others miss one that fails
	Finest   int    // ns of the finest grain; 0 for 1
	Smallest int    // bytes of the smallest payload
	Largest  int    // bytes of the largest payload; 0 for MaxPayload
	Memories bool   // Params.Memory is an axis; without it must be 0
	// Codecs are the names of codecs that the data can have on the way to a worker process, in
	// place of the codec of Kernel; none if that is the only one.
	Codecs []string
	// Uses states the memory that a task allocates, and the cache that holds its data.
	Uses string
	// Serve is the main of a server process: it writes its address to out, in a line, and serves
	// the tasks there until in ends. So it ends with the process that holds the other end of in,
	// however that ends. Nil for tasks that ask no server.
	Serve func(in io.Reader, out io.Writer) error
	// Kernel is the kernel as a worker process serves it.
	Kernel work.Callable
	// Others are the kernels that a worker process serves in addition: the same with other
	// codecs, that for tasks that go wrong on purpose, and one that prepares the process.
	Others []work.Callable
	// New prepares the workload at p. It refuses invalid parameters by a [ParamError]. The
	// caller closes the Load.
	New func(p Params) (Load, error)
}

// Params are the parameters of a workload.
type Params struct {
	Grain   int    // nominal work of a task in ns, their mean
	Spread  string // name of one of [Spreads]; "" for equal tasks
	Payload int    // bytes
	Shape   string // name of a [fault.Shape]; "" for none
	Memory  int    // bytes that tasks work on, or that the program which asks for the work keeps
	Codec   string // one of Workload.Codecs; "" for the workload's own
	Seed    uint64 // of the tasks: equal seeds give equal tasks and so equal digests
	Dir     string // an existing folder of the launch's own, for workloads that need files
	Server  string // address of the server that tasks ask, for workloads that have one

	Program []string // and its arguments, for the workload command
	Inputs  string   // path of a file with an input a line, for the workload command
}

// The limits of parameters.
const (
	MaxGrain   = int(time.Hour)
	MinMemory  = 4 << 10
	MaxPayload = 1 << 30
	MaxMemory  = 1 << 34
	MaxAddress = 64 // bytes of Params.Server
)

// Define completes w to a workload that runs k. Its New calls prepare with parameters that
// w.Check accepts; if tasks work on files or share state, Dir is then an empty folder that the
// load removes when it closes. After an error New frees the Typed that prepare returned.
func Define[In, Out any](w Workload, k strategies.Kernel[In, Out], prepare func(Params) (Typed[In, Out], error)) Workload {
	k.Name = w.Name
	w.Kernel = k
	if w.Shapeable() {
		w.Others = append(w.Others, fault.Kernel(k, &fault.Process{}, true))
	}
	w.New = func(p Params) (Load, error) {
		if err := w.Check(p); err != nil {
			return nil, err
		}
		l := &load[In, Out]{params: p}
		l.shape, _ = w.Shape(p.Shape)
		err := l.prepare(w, k, prepare)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("workload %s: %w", w.Name, err), l.Close())
		}
		return l, nil
	}
	return w
}

// Kernels returns all kernels of a table, for a worker process to serve.
func Kernels(table []Workload) (ks []work.Callable) {
	for _, w := range table {
		ks = append(append(ks, w.Kernel), w.Others...)
	}
	return ks
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

// Check returns a [ParamError] if p has a parameter that w does not take, lacks one that w needs,
// or has one outside its limits.
func (w Workload) Check(p Params) error {
	wrong := func(param string, value any, allowed string, args ...any) error {
		return &ParamError{w.Name, param, value, fmt.Sprintf(allowed, args...)}
	}
	if _, err := w.Shape(p.Shape); err != nil {
		return err
	}
	const none = "0, since it has none"
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
	case p.Codec != "" && !slices.Contains(w.Codecs, p.Codec):
		return wrong("codec", p.Codec, "its own: there is no other")
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

// inFolder reports whether a load of w has a folder of its own.
func (w Workload) inFolder() bool { return w.OnDisk || w.Shared }

// Shapeable reports whether w takes shapes: if its tasks compute, each for itself.
func (w Workload) Shapeable() bool { return w.Grains && !w.Waits && !w.Shared }

// Shape reads the name of a shape for w. Its errors are a [ParamError].
func (w Workload) Shape(name string) (fault.Shape, error) {
	s, err := fault.Parse(name)
	switch {
	case err == nil && s.Name == "":
		return s, nil
	case !w.Shapeable():
		err = errors.New("none, since its tasks do not compute for a grain, each for itself")
	case err == nil && s.Inputs != fault.Before && !w.Payloads:
		err = errors.New("neither lazy nor eager, since it has no payload to be large")
	}
	if err != nil {
		return fault.Shape{}, &ParamError{w.Name, "shape", name, err.Error()}
	}
	return s, nil
}
