// Package process starts, supervises and reaps worker processes. It knows nothing of the tasks
// that they run.
//
//  1. A [Starter] starts the processes of one executor, directly or through a helper, and can
//     keep spares. A [Config] holds the settings that all processes share.
//  2. Each [Process] has a supervisor, a goroutine with its own thread. It starts the process,
//     shakes hands with it, prepares it, and alone waits for its end.
//  3. The supervisor wakes the owner's poller after each change. The owner then calls
//     [Process.Answered] and [Process.Ended].
package process

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// A Config holds the settings that all workers of one executor share.
type Config struct {
	Command    []string // path of the program, and its arguments
	Attributes Attributes
	Transport  transport.Transport
	Timeout    time.Duration // of the handshake
	Depth      int           // number of process pools that a worker is nested in
	Init       Init
	Helper     bool // start workers through a helper process; Linux only
	Spares     int  // number of workers to start in advance
}

// An Init names a kernel that each worker runs once, before its first task. The zero Init names
// none.
type Init struct {
	Kernel string
	Input  []byte // encoded
	Limit  time.Duration
}

// A Fault is a setting that could not be applied to a process.
type Fault struct {
	Option string // "nice", "cpus", "memory", "dir" or "initialiser"
	Value  any    // of the option; for an initialiser the kernel's name
	Err    error
}

func (f *Fault) Error() string { return fmt.Sprintf("%s %v: %v", f.Option, f.Value, f.Err) }
func (f *Fault) Unwrap() error { return f.Err }

// Attributes are the attributes of a worker process. The fields are documented at procs.Process.
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

// Check calls refuse for every attribute. Bad is set if the value is invalid or cannot be applied
// on this system; reason says why.
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
