// Package affinity tells which cores a process may use, and keeps a thread to some of them.
package affinity

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Cores returns the cores that the process pid may use, ascending; pid 0 is this thread.
func Cores(pid int) (cores []int, err error) {
	var mask unix.CPUSet
	if err := unix.SchedGetaffinity(pid, &mask); err != nil {
		return nil, fmt.Errorf("affinity of process %d: %w", pid, err)
	}
	for core := range len(mask) * 64 {
		if mask.IsSet(core) {
			cores = append(cores, core)
		}
	}
	return cores, nil
}

// Keep keeps this thread, and the threads and processes that it starts, to the cores.
func Keep(cores ...int) error {
	var mask unix.CPUSet
	for _, core := range cores {
		mask.Set(core)
	}
	if err := unix.SchedSetaffinity(0, &mask); err != nil {
		return fmt.Errorf("sched_setaffinity: %w", err)
	}
	return nil
}
