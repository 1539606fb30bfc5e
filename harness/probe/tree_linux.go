package probe

import (
	"errors"
	"fmt"
	"os"
	"slices"
)

// openGauges opens the gauges of a [Meter] for this process. If the flag processes is set, they
// also measure its descendants.
func openGauges(processes bool) []gauge {
	t := openTree(processes)
	use := openUse(t)
	counters := openEvents(t, hardware)
	return []gauge{openCPU(t), counters, use}
}

// A tree lists this process and its descendants at the time when the tree was opened.
type tree struct {
	processes   bool // whether this process may have descendants
	self        int
	below       []int          // ids of the descendants, ascending
	childFaults map[int]uint64 // result of childFaults(below) when the tree was opened
	err         error          // why below is unknown
}

func openTree(processes bool) *tree {
	t := &tree{processes: processes, self: os.Getpid()}
	if processes {
		t.below, t.err = Descendants(t.self)
		slices.Sort(t.below)
		t.childFaults = childFaults(t.below)
	}
	return t
}

// childFaults returns the page faults of ended child processes, as a sum for each process in pids.
// The sum of a process includes only children that it has waited for. If the sum grows later, the
// process has waited for another child. Only the process itself can read the CPU time of that
// child.
func childFaults(pids []int) map[int]uint64 {
	all := map[int]uint64{}
	for _, pid := range pids {
		if s, err := statOf(pid); err == nil { // else the process has ended
			all[pid] = uint64(s.CMinFlt)
		}
	}
	return all
}

// same returns an error if this process has other descendants now than when the tree was opened.
func (t *tree) same() error {
	if t.err != nil || !t.processes {
		return t.err
	}
	below, err := Descendants(t.self)
	if err != nil {
		return err
	}
	slices.Sort(below)
	if !slices.Equal(below, t.below) {
		return errors.New("processes started or ended during the measurement, so their use of resources is unknown")
	}
	return t.noneWaited()
}

// noneWaited returns an error if a descendant of this process has waited for child processes of its
// own since the tree was opened. The CPU time of such children is unknown.
func (t *tree) noneWaited() error {
	for pid, now := range childFaults(t.below) {
		if now != t.childFaults[pid] {
			return fmt.Errorf("process %d started processes of its own and waited for them, so their use of resources is unknown", pid)
		}
	}
	return nil
}
