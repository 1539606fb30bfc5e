package procs

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/payoff-bench/payoff/strategies/procs/internal/process"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A StartError reports a worker process that could not be started or prepared, or that ended before
// it started a task. In the last case the StartError wraps a LostError.
type StartError struct {
	Path   string       // path of the worker program
	Worker *work.Worker // nil if the worker is unknown; its PID is 0 if there was no process
	Option string       // setting that could not be applied: "nice", "cpus", "memory" or "dir" of Config.Process, or "initialiser" for Config.Init; else empty
	Err    error        // a VersionError or FrameError of package wire, an error of a system call, an InitError, …
	Stderr string       // last lines of the worker's standard error
}

func newStartError(path string, w *work.Worker, err error, stderr string) *StartError {
	e := &StartError{Path: path, Worker: w, Err: err, Stderr: stderr}
	if fault, ok := errors.AsType[*process.Fault](err); ok {
		e.Option = fault.Option
		if kernel, ok := fault.Value.(string); ok && e.Option == "initialiser" {
			e.Err = &InitError{Kernel: kernel, Err: fault.Err}
		}
	}
	return e
}

// An InitError reports that the initialiser of a worker failed, took too long, or ended its
// process. A [StartError] wraps it.
type InitError struct {
	Kernel string // name of the initialiser's kernel
	Err    error
}

func (e *InitError) Error() string { return fmt.Sprintf("initialiser %s: %v", e.Kernel, e.Err) }
func (e *InitError) Unwrap() error { return e.Err }

func (e *StartError) Error() string {
	s := fmt.Sprintf("worker program %s: %v", e.Path, e.Err)
	if e.Stderr != "" {
		s += "; last lines of standard error: " + e.Stderr
	}
	if e.Worker != nil && e.Worker.PID != 0 {
		s += "; it was " + e.Worker.String()
	}
	full := []error{syscall.EAGAIN, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM}
	if slices.ContainsFunc(full, func(err error) bool { return errors.Is(e.Err, err) }) {
		return s + "; the system is out of processes, descriptors or memory: use fewer workers, or raise the limit (ulimit -u, -n)"
	}
	_, open := errors.AsType[*transport.OpenError](e.Err)
	_, path := errors.AsType[*transport.AddressError](e.Err)
	_, page := errors.AsType[*wire.PageError](e.Err)
	_, answered := errors.AsType[*work.LostError](e.Err)
	if e.Option != "" || open || path || page || answered {
		return s // the worker program is not the cause, or serves kernels
	}
	return s + "; it must be an executable that serves kernels as cmd/payoff-worker does (go build ./cmd/payoff-worker)"
}

func (e *StartError) Unwrap() error { return e.Err }

// A KernelError reports a job whose kernel the worker program does not contain.
type KernelError struct {
	Kernel string
	Path   string   // path of the worker program
	Have   []string // names of the kernels in the worker program
}

func (e *KernelError) Error() string {
	have := cmp.Or(strings.Join(e.Have, ", "), "none")
	if e.Kernel == "" {
		return fmt.Sprintf("the kernel of the job has no name, so worker program %s cannot find it; it has: %s", e.Path, have)
	}
	return fmt.Sprintf("worker program %s has no kernel %q; it has: %s", e.Path, e.Kernel, have)
}

// ErrForgotten is the error of New in a process that was started as a worker but has not called
// worker.Serve or worker.Main. If New started workers there, they would start workers in turn,
// without end.
var ErrForgotten = errors.New("this process was started as a worker, but has not called worker.Serve or worker.Main; call one of them first in main")

// A DepthError reports that a process pool would be nested in too many other process pools.
type DepthError struct{ Depth int }

func (e *DepthError) Error() string {
	return fmt.Sprintf("this process pool would be nested in %d others, and at most %d are allowed", e.Depth, mostDepth-1)
}
