package procs

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// beyond returns the first option that this system does not know.
func (g Process) beyond() (option string, value any) { return "", nil }

// alterThread gives the calling thread what a process that it starts inherits.
func (g Process) alterThread() error {
	if g.Nice > 0 {
		// The system call answers 20 minus the nice value.
		now, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
		if err == nil {
			err = unix.Setpriority(unix.PRIO_PROCESS, 0, min(20-now+g.Nice, 19))
		}
		if err != nil {
			return &ProcessError{"nice", g.Nice, err}
		}
	}
	if len(g.CPUs) > 0 {
		var set unix.CPUSet
		for _, cpu := range g.CPUs {
			set.Set(cpu)
		}
		if err := unix.SchedSetaffinity(0, &set); err != nil {
			return &ProcessError{"cpus", g.CPUs, err}
		}
	}
	return nil
}

// limit sets the limits of a process that has answered. What a Go process has by then, 70 MB
// or more that it has asked for and hardly used, is the runtime's and depends on its release.
func (g Process) limit(pid int) error {
	if g.Memory == 0 {
		return nil
	}
	const data = 5 // its place in statm
	n := uint64(pagesOf(pid, data) + g.Memory)
	if err := unix.Prlimit(pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: n, Max: n}, nil); err != nil {
		return &ProcessError{"memory", g.Memory, err}
	}
	return nil
}

// resident returns the bytes of memory that a process occupies, 0 if that is not known.
func resident(pid int) int64 { return pagesOf(pid, 1) }

// pagesOf returns the bytes that a place in a process's statm stands for.
func pagesOf(pid, place int) int64 {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(b)
	if len(fields) <= place {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[place]), 10, 64)
	return pages * int64(os.Getpagesize())
}
