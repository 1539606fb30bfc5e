// Package worker is the inside of a worker process: it answers the parent's handshake, runs
// the tasks that arrive and sends back their outcomes, until its input ends.
package worker

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// argument makes a program that calls Main a worker. Its one reader is Main.
const argument = "payoff-worker-process"

// called is set once this process has called Main.
var called atomic.Bool

// Main is the first call in the main of a program that is its own worker program. In a
// worker it serves kernels and exits; everywhere else it returns at once.
//
//	func main() {
//		worker.Main(kernels)
//		x, err := procs.New(ctx, procs.Config{Program: procs.Self()})
//
// What comes before it, and the init functions of all packages that are linked, run in every
// worker too.
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

// Command returns the program and arguments that run this program again as a worker, nil if
// its main has not called [Main]: a program that forgot to would run itself, and its workers
// the same, without end.
func Command() []string {
	path, err := os.Executable()
	if err != nil || !called.Load() {
		return nil
	}
	return []string{path, argument}
}

// ErrByHand is returned in a worker program that was not started by a parent.
var ErrByHand = errors.New("this is a worker process of payoff: it is started by a program that uses the strategy procs, with a shared page on descriptor 3 and a channel from 4 on, and does nothing by itself")

// ErrAsked is why the context of a task ends: the worker was asked to end, by SIGTERM.
var ErrAsked = errors.New("the worker was asked to end")

// depth is what the parent said. It belongs to the process, like the descriptors that Serve
// takes over, and a kernel that makes a pool of its own may have lost its context.
var depth atomic.Int32

// Depth returns how many pools of processes this process is inside of: 0 if it is no worker.
func Depth() int { return int(depth.Load()) }
