package procs

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
)

// A Process is what a worker process is given. The zero Process is this process's
// folder, nice value and CPUs, GOMAXPROCS 1, and an environment with nothing else in it:
// what kernels need of this process's environment (PATH, HOME, TMPDIR…) is handed over by
// who knows.
type Process struct {
	Env    []string // NAME=value, besides GOMAXPROCS
	Dir    string   // folder to run in; empty is this process's
	Procs  int      // GOMAXPROCS; 0 means 1
	Nice   int      // added to this process's nice value, 0 to 19; Linux only
	CPUs   []int    // that it may run on; nil is this process's; Linux only
	Memory int64    // bytes of data that it may ask the system for (RLIMIT_DATA) beside what it has when it answers, at least 16 MiB; 0 is no limit; Linux only

	Profile string // existing folder in which the process leaves its CPU profile, <pid>.pprof, unless it is killed; empty is none
}

func (g Process) check() error {
	refuse := func(option string, value any, reason string) error {
		return &strategies.OptionError{Strategy: Name, Option: option, Value: value, Reason: reason}
	}
	switch {
	case g.Procs < 0:
		return refuse("procs", g.Procs, "must not be negative (0 means 1)")
	case g.Nice < 0 || g.Nice > 19:
		return refuse("nice", g.Nice, "must be 0 to 19")
	case g.Memory < 0 || g.Memory > 0 && g.Memory < leastMemory:
		return refuse("memory", g.Memory, fmt.Sprintf("must be at least %d bytes, in which the Go runtime can work (0 means no limit)", leastMemory))
	}
	for _, cpu := range g.CPUs {
		if cpu < 0 || cpu >= mostCPUs {
			return refuse("cpus", g.CPUs, fmt.Sprintf("must be 0 to %d each", mostCPUs-1))
		}
	}
	if option, value := g.beyond(); option != "" {
		return refuse(option, value, "cannot be set on this system")
	}
	return nil
}

const (
	leastMemory = 16 << 20
	mostCPUs    = 1024
)

// folder says what is wrong with Dir, nil if nothing is: the system says the same of it as of
// a program that it cannot run.
func (g Process) folder() error {
	if g.Dir == "" {
		return nil
	}
	if err := unix.Access(g.Dir+"/.", unix.X_OK); err != nil {
		return &ProcessError{"dir", g.Dir, err}
	}
	return nil
}

// altersThread reports whether alterThread changes anything.
func (g Process) altersThread() bool { return g.Nice > 0 || len(g.CPUs) > 0 }
