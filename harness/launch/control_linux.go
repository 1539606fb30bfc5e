package launch

import (
	"errors"

	"golang.org/x/sys/unix"
)

// twoCores returns two cores that this process may use.
func twoCores() (cores [2]int, err error) {
	var mask unix.CPUSet
	if err := unix.SchedGetaffinity(0, &mask); err != nil {
		return cores, err
	}
	n := 0
	for cpu := range len(mask) * 64 {
		if mask.IsSet(cpu) {
			cores[n] = cpu
			if n++; n == len(cores) {
				return cores, nil
			}
		}
	}
	return cores, errors.New("this process may use one core only")
}

// pinThread keeps this thread to a core. Where that is not permitted the scheduler has to
// see to it.
func pinThread(core int) {
	var mask unix.CPUSet
	mask.Set(core)
	unix.SchedSetaffinity(0, &mask)
}
