package process

import (
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"
)

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

// folder returns what is wrong with Dir, nil if nothing is: the system says the same of it as
// of a program that it cannot run.
func (a Attributes) folder() error {
	if a.Dir == "" {
		return nil
	}
	if err := unix.Access(a.Dir+"/.", unix.X_OK); err != nil {
		return &Fault{"dir", a.Dir, err}
	}
	return nil
}

// alters reports whether alterThread changes anything.
func (a Attributes) alters() bool { return a.Nice > 0 || len(a.CPUs) > 0 }
