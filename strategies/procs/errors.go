package procs

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/payoff-bench/payoff/strategies/procs/internal/process"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A StartError is a worker process that did not come to be, or could not be prepared.
type StartError struct {
	Path   string       // the worker program
	Worker *work.Worker // without a process id if there was no process, nil if it is not known which
	Option string       // what a process could not be given: "nice", "cpus", "memory" or "dir" of Config.Process, or "initialiser" for Config.Init; else empty
	Err    error        // what happened: a VersionError or FrameError of package wire, a system call's error, an error of the initialiser…
	Stderr string       // the last lines of its standard error
}

func newStartError(path string, w *work.Worker, err error, stderr string) *StartError {
	e := &StartError{Path: path, Worker: w, Err: err, Stderr: stderr}
	var fault *process.Fault
	if errors.As(err, &fault) {
		e.Option = fault.Option
	}
	return e
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
		open *transport.OpenError
		path *transport.AddressError
		page *wire.PageError
	)
	if e.Option != "" || errors.As(e.Err, &open) || errors.As(e.Err, &path) || errors.As(e.Err, &page) {
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

// ErrForgotten is a pool in a process that was started as a worker and does not serve: its
// workers would be such processes again.
var ErrForgotten = errors.New("this process was started as a worker, but its main has not called worker.Serve or worker.Main, which belong first in main")

// A DepthError is a pool inside of too many other ones.
type DepthError struct{ Depth int }

func (e *DepthError) Error() string {
	return fmt.Sprintf("a pool of processes inside of %d others; there may be %d", e.Depth, mostDepth-1)
}
