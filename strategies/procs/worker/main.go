// Package worker implements the worker process. It answers the handshake of the parent, runs the
// tasks that arrive and sends back their outcomes, until its input ends.
package worker

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// argument is the command-line argument that makes Main serve as a worker. Only Main reads it.
const argument = "payoff-worker-process"

// called is set once Main has been called in this process.
var called atomic.Bool

// Main must be the first call in the main function of a program that is its own worker program. In
// a worker process it serves kernels and exits; in any other process it returns at once.
//
//	func main() {
//		worker.Main(kernels)
//		x, err := procs.New(ctx, procs.Config{Program: procs.Self()})
//
// Code before this call, and the init functions of all linked packages, also run in every worker.
func Main(kernels []work.Callable) {
	called.Store(true)
	if len(os.Args) != 2 || os.Args[1] != argument {
		return
	}
	if err := Serve(kernels); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Command returns the program and arguments that run this program again as a worker. It returns nil
// if main has not called [Main]. Such a program, run as a worker, would start itself again and
// again.
func Command() []string {
	path, err := os.Executable()
	if err != nil || !called.Load() {
		return nil
	}
	return []string{path, argument}
}

// ErrByHand is the error of a worker program that was not started by a parent.
var ErrByHand = errors.New("a worker process of payoff cannot be started by hand, since it inherits descriptors from its parent; start a program that uses the strategy procs")

// ErrAsked is the cause with which the context of a task ends after SIGTERM has asked the worker to
// end.
var ErrAsked = errors.New("the worker was asked to end")

// depth is the nesting depth that the parent sent. It is global, since a kernel that creates a pool
// may not have the context of its task.
var depth atomic.Int32

// Depth returns the number of process pools in which this process is nested. It is 0 if this
// process is not a worker.
func Depth() int { return int(depth.Load()) }
