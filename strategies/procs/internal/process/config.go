// Package process starts worker processes, watches over them and reaps them. It knows
// nothing of the tasks that they run.
//
//  1. A [Starter] starts the processes of one executor, by itself or by a helper, and keeps
//     some ready ahead. What they have in common is a [Config].
//  2. Each [Process] has a supervisor, a goroutine on a thread of its own, that starts it,
//     shakes hands with it, prepares it, and alone waits for its end.
//  3. The owner hears of both by its poller, and asks [Process.Answered] and [Process.Ended].
package process

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// A Config is what all workers of one executor have in common.
type Config struct {
	Command    []string // the path of the program, and its arguments
	Attributes Attributes
	Transport  transport.Transport
	Timeout    time.Duration // for a process to answer
	Depth      int           // how many pools of processes a worker is inside of
	Init       Init
	Helper     bool // a process starts the workers, on Linux
	Spares     int  // workers to start ahead
}

// An Init is a kernel that each worker runs once, before its first task. The zero Init is
// none.
type Init struct {
	Kernel string
	Input  []byte // encoded
	Limit  time.Duration
}

// A Fault is what of a Config a process could not be given.
type Fault struct {
	Option string // "nice", "cpus", "memory", "dir" or "initialiser"
	Value  any    // of the option; of an initialiser the kernel's name
	Err    error
}

func (f *Fault) Error() string { return fmt.Sprintf("%s %v: %v", f.Option, f.Value, f.Err) }
func (f *Fault) Unwrap() error { return f.Err }

// Attributes are what a worker process is given; see procs.Process, which has the same
// fields.
type Attributes struct {
	Env    []string
	Dir    string
	Procs  int
	Nice   int
	CPUs   []int
	Memory int64

	Profile string
}

const (
	leastMemory = 16 << 20
	mostCPUs    = 1024
)

// Check passes to refuse whether an attribute makes no sense, or cannot be set on this system,
// and why.
func (a Attributes) Check(refuse func(bad bool, option string, value any, reason string)) {
	const unknown = "cannot be set on this system"
	lacking := runtime.GOOS != "linux"
	refuse(a.Procs < 0, "procs", a.Procs, "must not be negative (0 means 1)")
	refuse(a.Nice < 0 || a.Nice > 19, "nice", a.Nice, "must be 0 to 19")
	refuse(a.Memory < 0 || a.Memory > 0 && a.Memory < leastMemory, "memory", a.Memory,
		fmt.Sprintf("must be at least %d bytes, in which the Go runtime can work (0 means no limit)", leastMemory))
	refuse(slices.ContainsFunc(a.CPUs, func(cpu int) bool { return cpu < 0 || cpu >= mostCPUs }), "cpus", a.CPUs, fmt.Sprintf("must be 0 to %d each", mostCPUs-1))
	refuse(a.Nice > 0 && lacking, "nice", a.Nice, unknown)
	refuse(len(a.CPUs) > 0 && lacking, "cpus", a.CPUs, unknown)
	refuse(a.Memory > 0 && lacking, "memory", a.Memory, unknown)
}
