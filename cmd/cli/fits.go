package cli

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/probe"
)

// cores returns the number of cores that a launch can use: those of the affinity mask, or fewer if
// a quota limits the CPU time.
func cores() int { return probe.ReadLimits().Usable(runtime.NumCPU()) }

// ofQuota returns err, with the quota as the reason if err says that there are too few cores and a
// quota limits them.
func ofQuota(err error, l harness.Limits) error {
	if few := (*harness.CoresError)(nil); errors.As(err, &few) && l.CPU > 0 {
		return fmt.Errorf("%w; a quota allows the CPU time of %.3g cores", err, l.CPU)
	}
	return err
}

// A leaving is a cell that is not measured because it cannot run on this machine, with the reason.
type leaving struct {
	cell   harness.Cell
	reason error
}

// leftOut returns a note for each reason for which cells were left out. The note names these cells.
func leftOut(all []leaving) (notes []string) {
	var reasons []string
	cells := map[string][]string{}
	for _, l := range all {
		reason := l.reason.Error()
		if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
		if label := analyze.Label(l.cell); !slices.Contains(cells[reason], label) {
			cells[reason] = append(cells[reason], label)
		}
	}
	for _, reason := range reasons {
		notes = append(notes, fmt.Sprintf("left out, since it cannot run here: %s (%s)", format.List(cells[reason], "and"), reason))
	}
	return notes
}

// Rough needs of a launch, to recognise limits that would end the launch in the middle.
const (
	idleProcess = 24 << 20 // bytes of a Go process without tasks
	threads     = 12       // of a Go process on few cores
	goSpace     = 1 << 30  // bytes of address space that a Go process reserves
)

// room returns the memory in bytes that a launch may use, or 0 if it is unknown. It also returns
// the first words of a message that names the owner of this limit: the machine or the control
// group.
func room(memory int64, l harness.Limits) (int64, string) {
	if l.Memory > 0 && (memory == 0 || l.Memory < memory) {
		return l.Memory, "the control group may hold"
	}
	return memory, "this machine has"
}

// fits returns an error if the cell needs more memory, processes or address space than this process
// may use. Otherwise the system would kill such a launch, or another process, in the middle of a
// run.
func fits(c harness.Cell, memory int64, l harness.Limits) error {
	workers := 0
	if c.Strategy == harness.Processes {
		workers = c.Workers
	}
	processes := 2 + workers // with payoff and the launch
	// The collector lets a heap grow to twice its live memory.
	need := int64(processes*idleProcess) + 2*int64(c.Memory*max(1, workers))
	have, owner := room(memory, l)
	switch {
	case c.Memory > 0 && have > 0 && need > have, workers > 0 && have > 0 && int64(processes*idleProcess) > have:
		return fmt.Errorf("it needs about %d MiB of memory, and %s %d MiB", need>>20, owner, have>>20)
	case l.Processes > 0 && int64(processes*threads) > l.Processes:
		return fmt.Errorf("it needs about %d processes and threads, and the control group may have %d (pids.max)", processes*threads, l.Processes)
	case l.Space > 0 && l.Space < goSpace:
		return fmt.Errorf("a Go program reserves about %d MiB of address space, and a process may have %d MiB: ulimit -v unlimited", goSpace>>20, l.Space>>20)
	}
	return nil
}

// fitting returns the blocks without the cells that need more than the machine has; left lists
// these cells. It returns an error if no block remains.
func fitting(blocks []harness.Block, memory int64, l harness.Limits) (kept []harness.Block, left []leaving, err error) {
	for _, b := range blocks {
		var cells []harness.Cell
		for i, c := range b.Cells {
			if err := fits(c, memory, l); err != nil {
				left = append(left, leaving{c, err})
				if i == 0 { // the direct loop, which all other cells are compared with
					cells = nil
					break
				}
				continue
			}
			cells = append(cells, c)
		}
		if len(cells) > 1 || len(cells) == len(b.Cells) {
			b.Cells = cells
			kept = append(kept, b)
		}
	}
	if len(kept) == 0 {
		return nil, left, errors.New(strings.Join(leftOut(left), "; "))
	}
	return kept, left, nil
}
