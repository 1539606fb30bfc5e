// Package affinity reads the CPU affinity of processes and pins threads to cores.
package affinity

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Cores returns the numbers of the cores on which the process pid may run, in ascending order. If
// pid is 0, it returns the cores of the calling thread.
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

// Keep pins the calling thread to the given cores. Threads and processes that this thread starts
// later are also pinned to these cores.
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
