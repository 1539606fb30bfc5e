package worker

import (
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
