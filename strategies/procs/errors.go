package procs

import (
	"fmt"
	"strings"
)

// A StartError is a worker process that did not come to be.
type StartError struct {
	Path   string // the worker program
	Err    error  // what happened
	Stderr string // the last lines of its standard error
}

func (e *StartError) Error() string {
	s := fmt.Sprintf("worker program %s: %v", e.Path, e.Err)
	if e.Stderr != "" {
		s += "; its last words: " + e.Stderr
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
