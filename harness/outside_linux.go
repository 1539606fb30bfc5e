package harness

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// outside calls start, which starts a process from this thread, such that the process runs
// on the cores that [pin] of so many leaves; on all where it leaves none. The thread keeps
// its own.
func outside(cores int, start func() error) error {
	var all, used unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return start() // where nothing is pinned
	}
	if pin(cores) != nil || unix.SchedGetaffinity(0, &used) != nil {
		return start()
	}
	rest := all
	for cpu := range len(used) * 64 {
		if used.IsSet(cpu) {
			rest.Clear(cpu)
		}
	}
	if rest.Count() == 0 {
		rest = all
	}
	if err := unix.SchedSetaffinity(0, &rest); err != nil {
		return fmt.Errorf("cores of a server: %w", err)
	}
	err := start()
	if back := unix.SchedSetaffinity(0, &all); back != nil && err == nil {
		err = fmt.Errorf("cores after the start of a server: %w", back)
	}
	return err
}
