package procs

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// A StartError is a worker process that did not come to be.
type StartError struct {
	Path   string             // the worker program
	Worker *strategies.Worker // which; without a process id if there was no process, nil if there was no telling
	Err    error              // what happened: a VersionError or FrameError of package wire, a system call's error…
	Stderr string             // the last lines of its standard error
}

func (e *StartError) Error() string {
	s := fmt.Sprintf("worker program %s: %v", e.Path, e.Err)
	if e.Stderr != "" {
		s += "; its last words: " + e.Stderr
	}
	if e.Worker != nil && e.Worker.PID != 0 {
		s += "; it was " + e.Worker.String()
	}
	for _, full := range []error{syscall.EAGAIN, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
		if errors.Is(e.Err, full) {
			return s + "; the system has no room for more: use fewer workers, or raise the limit (ulimit -u, -n)"
		}
	}
	var (
		init  *InitError
		given *ProcessError
		open  *transport.OpenError
		path  *transport.AddressError
		page  *wire.PageError
	)
	if errors.As(e.Err, &init) || errors.As(e.Err, &given) || errors.As(e.Err, &open) || errors.As(e.Err, &path) || errors.As(e.Err, &page) {
		return s // the program is not to blame
	}
	return s + "; it must be an executable that serves kernels as cmd/payoff-worker does (go build ./cmd/payoff-worker)"
}

func (e *StartError) Unwrap() error { return e.Err }

// A KernelError is a job whose kernel the worker program does not have.
type KernelError struct {
	Kernel string
	Path   string   // the worker program
	Have   []string // its kernels
}

func (e *KernelError) Error() string {
	have := "none"
	if len(e.Have) > 0 {
		have = strings.Join(e.Have, ", ")
	}
	return fmt.Sprintf("worker program %s has no kernel %q; it has: %s", e.Path, e.Kernel, have)
}

// An InitError is a worker that could not be prepared.
type InitError struct {
	Kernel string // of Config.Init
	Err    error  // what it returned, or a PanicError, or that it took too long…
}

func (e *InitError) Error() string { return fmt.Sprintf("initialiser %s: %v", e.Kernel, e.Err) }
func (e *InitError) Unwrap() error { return e.Err }

// A ProcessError is what of Config.Process a worker could not be given.
type ProcessError struct {
	Option string // "nice", "cpus", "memory", "dir"
	Value  any
	Err    error // of the system
}

func (e *ProcessError) Error() string { return fmt.Sprintf("%s %v: %v", e.Option, e.Value, e.Err) }
func (e *ProcessError) Unwrap() error { return e.Err }

// ErrForgotten is a pool in a process that was started as a worker and does not serve:
// its workers would be such processes again.
var ErrForgotten = errors.New("this process was started as a worker, but its main has not called worker.Serve or worker.Main, which belong first in main")

// A DepthError is a pool inside of too many other ones.
type DepthError struct{ Depth int }

func (e *DepthError) Error() string {
	return fmt.Sprintf("a pool of processes inside of %d others; there may be %d", e.Depth, mostDepth-1)
}
