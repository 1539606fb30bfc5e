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
	processes bool // whether this process may have descendants
	self      int
	below     []int          // ids of the descendants, ascending
	heirs     map[int]uint64 // result of heirs(below) when the tree was opened
	err       error          // why below is unknown
}

func openTree(processes bool) *tree {
	t := &tree{processes: processes, self: os.Getpid()}
	if processes {
		t.below, t.err = Descendants(t.self)
		slices.Sort(t.below)
		t.heirs = heirs(t.below)
	}
	return t
}

// heirs returns, for each process in pids, the sum of the page faults of those of its child
// processes that have ended. If this sum later grows, another child has ended, and its parent has
// waited for it. Only the parent can read the CPU time of such a child.
func heirs(pids []int) map[int]uint64 {
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
	return t.childless()
}

// childless returns an error if a descendant of this process has waited for child processes of its
// own since the tree was opened. The CPU time of such children is unknown.
func (t *tree) childless() error {
	for pid, now := range heirs(t.below) {
		if now != t.heirs[pid] {
			return fmt.Errorf("process %d started processes of its own and waited for them, so their use of resources is unknown", pid)
		}
	}
	return nil
}
