package worker

import (
	"fmt"
	"os"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// argument is what makes a program that calls Main a worker. Its one reader is Main.
const argument = "payoff-worker-process"

// An Entry says that this program serves its own kernels when it is executed again. Only
// [Main] makes one that is of use, so a program that forgot to call it cannot ask for
// workers that would run the program itself, and its workers the same, without end.
type Entry struct{ command []string }

// Command returns the program and its arguments; nil for an Entry that Main did not make.
func (e Entry) Command() []string { return e.command }

// Main is the first call in the main of a program that is its own worker program. In a
// worker it serves kernels and exits; everywhere else it returns at once.
//
//	func main() {
//		entry := worker.Main(kernels)
//		x, err := procs.New(ctx, procs.Config{Start: procs.Self, Entry: entry})
//
// What is before it, and the init functions of all packages that are linked, run in every
// worker too.
func Main(kernels []work.Callable) Entry {
	if len(os.Args) == 2 && os.Args[1] == argument {
		served.Store(true)
		if err := Serve(kernels); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	return own()
}

func own() Entry {
	path, err := os.Executable()
	if err != nil {
		return Entry{}
	}
	return Entry{[]string{path, argument}}
}

// served is set in a process in which Main serves.
var served atomic.Bool

// Served returns what Main would return in this process, which is a worker in which it
// serves and does not return: for pools inside of tasks. Elsewhere it is an Entry of no use.
func Served() Entry {
	if !served.Load() {
		return Entry{}
	}
	return own()
}
