// Package workloads is the framework for the tasks that strategies are compared on: what a
// workload is, and what it takes to run its tasks as one job. The workloads themselves are in
// package kernels and, if they need more than the standard library, in payload, web and sqlite.
//
//  1. A [Workload] names a kernel and says which parameters it has.
//  2. Its New checks [Params] and returns a [Load]: the workload at these parameters.
//  3. [Load.Inputs] makes the tasks, outside the clock.
//  4. [Load.Direct], [Load.Map] and [Load.Stream] run them as one job, inside it.
//  5. [Load.Digest] tells whether that job did all of the work, outside it again.
//
// To add a workload, write a kernel with its codecs and the input of task i, and call [Of];
// or [Define], for one with parameters.
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
	"github.com/payoff-bench/payoff/workloads/fault"
)

// A Workload is a kind of task, as a row in an explicit table.
type Workload struct {
	Name     string // one lower-case word
	Doc      string // one sentence: what a task does and what it stands for
	Waits    bool   // tasks mostly wait: efficiency means nothing, speed-up and concurrency do
	Grains   bool   // Params.Grain and Spread are axes; without it must be 0 and none
	Payloads bool   // Params.Payload is an axis; without it must be 0
	OnDisk   bool   // tasks work on files in Params.Dir, so its filesystem matters
	Heavy    bool   // the kernel links what slows the start of a worker process: it has a worker program of its own
	Children bool   // tasks start processes that end with them: their CPU time counts
	Shared   bool   // tasks of a job share state: one that fails is missed by the others
	Finest   int    // ns of the finest grain; 0 for 1
	Smallest int    // bytes of the smallest payload
	Largest  int    // bytes of the largest payload; 0 for MaxPayload
	Memories bool   // Params.Memory is an axis; without it must be 0
	// Codecs are what its data can be encoded with on the way to a worker process, in place
	// of the codec that Kernel comes with; none where that is the only one.
	Codecs []string
	// Uses is what a task allocates, and which cache what it touches stays in.
	Uses string
	// Serve is the main of a server process: it serves the tasks at an address that it writes
	// to out in a line, until in ends. So it ends with the process that holds the other end
	// of in, however that goes. Nil for tasks that ask no server.
	Serve func(in io.Reader, out io.Writer) error
	// Kernel is what a worker process serves.
	Kernel strategies.Callable
	// Others are what a worker process serves in addition: the kernel with other codecs, the
	// kernel for tasks that go wrong on purpose, and what prepares a process.
	Others []strategies.Callable
	// New prepares the workload at p. Parameters that make no sense are a
	// [ParamError]. The caller closes the Load.
	New func(p Params) (Load, error)
}

// Params is what a workload is prepared for.
type Params struct {
	Grain   int    // nominal work of a task in ns, their mean
	Spread  string // name of one of [Spreads]; "" for equal tasks
	Payload int    // bytes
	Shape   string // name of a [fault.Shape]; "" for none
	Memory  int    // bytes that tasks work on, or that the asking program keeps meanwhile
	Codec   string // one of Workload.Codecs; "" for the workload's own
	Seed    uint64 // of the tasks: equal seeds give equal tasks and so equal digests
	Dir     string // an existing folder of the launch's own, for workloads that need files
	Server  string // address of the server that tasks ask, for workloads that have one

	Program []string // and its arguments, for the workload command
	Inputs  string   // path of a file with an input a line, for the workload command
}

// The largest parameters that are taken for meant.
const (
	MaxGrain   = int(time.Hour)
	MinMemory  = 4 << 10
	MaxPayload = 1 << 30
	MaxMemory  = 1 << 34
)

// Define completes w to a workload that runs k. Params that w.Check accepts go to prepare. After
// an error, which New says the workload of unless it is a [ParamError], what prepare returned
// is freed.
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
		t, err := prepare(p)
		shape, _ := w.Shape(p.Shape)
		l := &load[In, Out]{Typed: t, params: p, shape: shape}
		if param := (*ParamError)(nil); err != nil && !errors.As(err, &param) {
			err = fmt.Errorf("workload %s: %w", w.Name, err)
		}
		if err != nil {
			return nil, errors.Join(err, l.Close())
		}
		if t.Kernel.Func == nil {
			l.Kernel = k
		}
		return l, nil
	}
	return w
}

// Kernels returns the kernels of table, for a worker process to serve.
func Kernels(table []Workload) (ks []strategies.Callable) {
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

// Check returns a [ParamError] if p has what w does not, lacks what w needs, or has it in a
// size that makes no sense.
func (w Workload) Check(p Params) error {
	wrong := func(param string, value any, allowed string, args ...any) error {
		return &ParamError{w.Name, param, value, fmt.Sprintf(allowed, args...)}
	}
	if _, err := w.Shape(p.Shape); err != nil {
		return err
	}
	switch spread := p.spread(); {
	case spread == nil:
		var names []string
		for _, s := range Spreads() {
			names = append(names, s.Name)
		}
		return wrong("spread", p.Spread, "one of %s", strings.Join(names, ", "))
	case !w.Grains && spread.Name != None:
		return wrong("spread", p.Spread, "none, since its tasks have no grain")
	}
	for _, n := range []struct {
		param              string
		has                bool
		value, least, most int
		unit               string
	}{
		{"grain", w.Grains, p.Grain, max(1, w.Finest), MaxGrain, "ns"},
		{"payload", w.Payloads, p.Payload, w.Smallest, cmp.Or(w.Largest, MaxPayload), "bytes"},
		{"memory", w.Memories, p.Memory, MinMemory, MaxMemory, "bytes"},
	} {
		switch {
		case !n.has && n.value != 0:
			return wrong(n.param, n.value, "0, since it has none")
		case n.has && (n.value < n.least || n.value > n.most):
			return wrong(n.param, n.value, "%d to %d %s", n.least, n.most, n.unit)
		}
	}
	switch {
	case p.Codec != "" && !slices.Contains(w.Codecs, p.Codec):
		return wrong("codec", p.Codec, "its own: there is no other")
	case (w.OnDisk || w.Shared) && p.Dir == "":
		return wrong("dir", `""`, "an existing folder")
	}
	return nil
}

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
