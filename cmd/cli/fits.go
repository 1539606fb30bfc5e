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

// cores returns the number of cores that a launch can use: the cores of the affinity mask, or fewer
// if a quota limits the CPU time.
func cores() int { return probe.ReadLimits().Usable(runtime.NumCPU()) }

// ofQuota returns err. If err is about too few cores and a quota in l limits the CPU time, ofQuota
// adds the quota as the reason.
func ofQuota(err error, l harness.Limits) error {
	if few := (*harness.CoresError)(nil); errors.As(err, &few) && l.CPU > 0 {
		return fmt.Errorf("%w; a quota limits the CPU time to that of %.3g cores", err, l.CPU)
	}
	return err
}

// A leaving is a cell that the run leaves out because this machine cannot run it, and the reason.
type leaving struct {
	cell   harness.Cell
	reason error
}

// leftOut returns one note for each reason. The note names the cells that the run leaves out for
// this reason.
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
		notes = append(notes, fmt.Sprintf("left out, because this machine cannot run it: %s (%s)", format.List(cells[reason], "and"), reason))
	}
	return notes
}

// Estimates of the resources that a launch needs. If a limit of the system is lower, the system
// would end the launch before its sample is complete.
const (
	idleProcess = 24 << 20 // bytes of memory of a Go process without tasks
	threads     = 12       // threads of a Go process on few cores
	goSpace     = 1 << 30  // bytes of address space that a Go process reserves
)

// room returns the number of bytes of memory that a launch may use, or 0 if it is unknown. It also
// returns the words that precede this number in a message and name the source of the limit: the
// machine or the control group.
func room(memory int64, l harness.Limits) (int64, string) {
	if l.Memory > 0 && (memory == 0 || l.Memory < memory) {
		return l.Memory, "the control group is limited to"
	}
	return memory, "this machine has"
}

// fits returns an error if the cell needs more memory, processes or address space than this process
// may use. If payoff launched such a cell, the system would kill the launch or another process.
func fits(c harness.Cell, memory int64, l harness.Limits) error {
	workers, others := 0, 0
	switch c.Strategy {
	case harness.Processes:
		workers = c.Workers
	case harness.Cluster, harness.Durable:
		workers, others = c.Workers, 1+max(1, c.Hosts) // others are the server and the hosts
	}
	processes := 2 + workers + others // payoff, the launch, and its workers
	// The collector lets a heap grow to twice its live memory.
	need := int64(processes*idleProcess) + 2*int64(c.Memory*max(1, workers))
	have, owner := room(memory, l)
	switch {
	case c.Memory > 0 && have > 0 && need > have, workers > 0 && have > 0 && int64(processes*idleProcess) > have:
		return fmt.Errorf("it needs about %d MiB of memory, and %s %d MiB", need>>20, owner, have>>20)
	case l.Processes > 0 && int64(processes*threads) > l.Processes:
		return fmt.Errorf("it needs about %d processes and threads, and the control group is limited to %d (pids.max)", processes*threads, l.Processes)
	case l.Space > 0 && l.Space < goSpace:
		return fmt.Errorf("a Go program reserves about %d MiB of address space, and a process is limited to %d MiB; ulimit -v unlimited removes this limit", goSpace>>20, l.Space>>20)
	}
	return nil
}

// fitting removes the cells that need more than the machine has. It returns the blocks with the
// other cells, and the removed cells (left). If no block remains, it returns an error.
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
