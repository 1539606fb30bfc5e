// Package process starts, supervises and reaps worker processes. It does not depend on the tasks
// that they run.
//
//  1. A [Starter] starts the processes of one executor, directly or through a helper process,
//     and can keep spare processes. A [Config] holds the settings that all processes share.
//  2. Each [Process] has a supervisor: a goroutine with its own thread. The supervisor starts the
//     process, performs the handshake, prepares the process, and waits for its end. No other
//     goroutine waits for the end.
//  3. After each change the supervisor wakes the poller of the process's owner. The owner then
//     calls [Process.Answered] and [Process.Ended].
package process

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies/wire/shared"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// A Config holds the settings that all worker processes of one executor share.
type Config struct {
	Command    []string // path of the program, and its arguments
	Attributes Attributes
	Transport  transport.Transport
	Timeout    time.Duration // longest time for the handshake
	Depth      int           // number of process pools in which a worker is nested
	Init       Init
	Helper     bool          // whether a helper process starts the workers; Linux only
	Spares     int           // number of spare workers to start in advance
	Arena      *shared.Arena // memory that the workers share with this process; nil if there is none
}

// An Init names a kernel that each worker process runs once, before its first task. The zero Init
// names no kernel.
type Init struct {
	Kernel string
	Input  []byte // encoded argument of the kernel
	Limit  time.Duration
}

// A Fault reports a setting, such as the folder, that could not be applied to a process.
type Fault struct {
	Option string // "nice", "cpus", "memory", "dir" or "initialiser"
	Value  any    // value of the option; for an initialiser the name of the kernel
	Err    error
}

func (f *Fault) Error() string { return fmt.Sprintf("%s %v: %v", f.Option, f.Value, f.Err) }
func (f *Fault) Unwrap() error { return f.Err }

// Attributes are the attributes of a worker process. procs.Process documents the fields.
type Attributes struct {
	Env    []string
	Dir    string
	Procs  int
	Nice   int
	CPUs   []int
	Memory int64

	Profile     string
	ProfileKind string
}

const (
	leastMemory = 16 << 20
	mostCPUs    = 1024
)

// Check calls the function refuse once for each rule about an attribute. The argument bad is true
// if the attribute breaks the rule or cannot be set on this system. The argument option is the name
// of the attribute, value is its value, and reason states the rule.
func (a Attributes) Check(refuse func(bad bool, option string, value any, reason string)) {
	const unknown = "cannot be set on this system"
	lacking := runtime.GOOS != "linux"
	refuse(a.Procs < 0, "procs", a.Procs, "must not be negative (0 means 1)")
	refuse(a.Nice < 0 || a.Nice > 19, "nice", a.Nice, "must be 0 to 19")
	refuse(a.Memory < 0 || a.Memory > 0 && a.Memory < leastMemory, "memory", a.Memory,
		fmt.Sprintf("must be at least %d bytes, which the Go runtime needs (0 means no limit)", leastMemory))
	refuse(slices.ContainsFunc(a.CPUs, func(cpu int) bool { return cpu < 0 || cpu >= mostCPUs }), "cpus", a.CPUs, fmt.Sprintf("each CPU number must be 0 to %d", mostCPUs-1))
	bad := slices.IndexFunc(a.Env, func(v string) bool { return strings.Index(v, "=") < 1 || strings.Contains(v, "\x00") })
	refuse(bad >= 0, "env", fmt.Sprintf("entry %d", bad), "must be NAME=value without a zero byte") // the entry may hold a secret
	refuse(a.Nice > 0 && lacking, "nice", a.Nice, unknown)
	refuse(len(a.CPUs) > 0 && lacking, "cpus", a.CPUs, unknown)
	refuse(a.Memory > 0 && lacking, "memory", a.Memory, unknown)
}
