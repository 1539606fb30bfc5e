package process

import (
	"fmt"

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
}

const (
	leastMemory = 16 << 20
	mostCPUs    = 1024
)

// Refused returns the first attribute that makes no sense or cannot be set on this system,
// and why; option is empty if there is none.
func (a Attributes) Refused() (option string, value any, reason string) {
	switch {
	case a.Procs < 0:
		return "procs", a.Procs, "must not be negative (0 means 1)"
	case a.Nice < 0 || a.Nice > 19:
		return "nice", a.Nice, "must be 0 to 19"
	case a.Memory < 0 || a.Memory > 0 && a.Memory < leastMemory:
		return "memory", a.Memory, fmt.Sprintf("must be at least %d bytes, in which the Go runtime can work (0 means no limit)", leastMemory)
	}
	for _, cpu := range a.CPUs {
		if cpu < 0 || cpu >= mostCPUs {
			return "cpus", a.CPUs, fmt.Sprintf("must be 0 to %d each", mostCPUs-1)
		}
	}
	return a.unknown()
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
