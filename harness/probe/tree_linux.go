package probe

import (
	"errors"
	"fmt"
	"os"
	"slices"
)

// openGauges opens those about the process tree.
func openGauges(processes bool) []gauge {
	t := openTree(processes)
	use := openUse(t)
	counters := openCounters(t)
	return []gauge{openCPU(t), counters, use}
}

// A tree is this process and those below it when it was opened.
type tree struct {
	processes bool // there may be some
	self      int
	below     []int          // ascending
	heirs     map[int]uint64 // page faults of processes that each of them waited for
	err       error          // why they are not known
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

// heirs returns how many page faults were made by the processes that each of these waited
// for. It grows with each such process, whose CPU time only the waiting process knows.
func heirs(pids []int) map[int]uint64 {
	all := map[int]uint64{}
	for _, pid := range pids {
		if s, err := statOf(pid); err == nil { // else it ended
			all[pid] = uint64(s.CMinFlt)
		}
	}
	return all
}

// same returns nil if the processes are those that they were.
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
		return errors.New("processes came or went meanwhile, so that what they used cannot be told")
	}
	return t.childless()
}

// childless returns nil if none of the processes below had processes of its own that ended.
func (t *tree) childless() error {
	for pid, now := range heirs(t.below) {
		if now != t.heirs[pid] {
			return fmt.Errorf("process %d waited for processes of its own, so that what they used cannot be told", pid)
		}
	}
	return nil
}
