package run

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A LaunchError is the error for a launch that failed, so that it gave no sample.
type LaunchError struct {
	Cell    harness.Cell
	Round   int // counted from 0, but from 1 in the text; -1 for the launch that probes the task before the first round
	Dropped int // consecutive rounds with failures after which the cell was dropped; 0 if the cell was not dropped
	Err     error
}

func (e *LaunchError) Error() string {
	if e.Round < 0 {
		return fmt.Sprintf("probe of %s: %v", e.Cell, e.Err)
	}
	if e.Dropped > 0 {
		return fmt.Sprintf("%s dropped after %d rounds because its launches failed, the last in round %d: %v", e.Cell, e.Dropped, e.Round+1, e.Err)
	}
	return fmt.Sprintf("launch of %s failed in round %d: %v", e.Cell, e.Round+1, e.Err)
}

func (e *LaunchError) Unwrap() error { return e.Err }

// A lagError is the error for an open loop whose tasks arrived too late in each of several
// launches.
type lagError struct{ reason string }

func (e *lagError) Error() string { return e.reason }

// A hungError is the error for a launch whose pool hung. The hang is a result of the cell, and not
// a failure of the run.
type hungError struct{ reason string }

func (e *hungError) Error() string { return e.reason }

// A timeoutError is the error for a launch that was killed because it exceeded its time limit.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("the launch took longer than %v and was killed", e.after)
}

// check returns an error if the result of a launch is impossible. Each value must be finite and not
// negative. The jobs together must not take longer than took, the time of the whole launch. A
// result can be impossible if a clock was set during the launch, or if the launch command is wrong.
func check(r harness.Result, took time.Duration) error {
	for unit, v := range r.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			return fmt.Errorf("impossible result: %s is %v (was a clock set?); the launch does not count", unit, v)
		}
	}
	if busy := time.Duration(r.Busy); busy > took {
		return fmt.Errorf("impossible result: the jobs of the launch took %v, but the whole launch took %v (was a clock set?); the launch does not count", busy, took)
	}
	return nil
}

// A strike counts in how many consecutive rounds a launch of a cell failed. The field rounds is
// this number, and the field round is the last of these rounds.
type strike struct{ round, rounds int }

// outAfter is the number of consecutive rounds with failures after which a cell is dropped. A
// single failure can be an accident, such as a process that the system killed.
const outAfter = 2

// fail records that a launch of the cell c failed with the error err. After failures in [outAfter]
// consecutive rounds, fail drops the cell: the run no longer launches it.
func (r *run) fail(c harness.Cell, round int, err error) {
	s, failed := r.strikes[c]
	if !failed || s.round != round { // otherwise the cell's other launch in this round has failed already
		s = strike{round, s.rounds + 1}
	}
	r.strikes[c] = s
	e := &LaunchError{Cell: c, Round: round, Err: err}
	if s.rounds >= outAfter {
		r.dead[c] = true
		e.Dropped = s.rounds
	}
	if hung := (*hungError)(nil); errors.As(err, &hung) {
		r.dead[c] = true
		r.tally.failed(c)
		r.tally.Void++
		r.tally.note("%s %v; the cell was not measured again", c, hung)
		return
	}
	if late := (*lagError)(nil); errors.As(err, &late) && e.Dropped == 0 {
		// Late arrivals show a busy machine: a reason to doubt the data, but not a failure of the run.
		r.tally.Void++
		r.tally.note("%v", e)
		return
	}
	r.tally.failed(c)
	r.void(e)
}

// void adds the error of a failed launch to the errors of the run, and counts the launch in the
// field Void of the tally.
func (r *run) void(e *LaunchError) {
	r.failures = append(r.failures, e)
	r.tally.Void++
}

// live returns the cells of a block that the run has not dropped. If it has dropped the direct
// loop, or all other cells, live returns no cells, because there is nothing to compare.
func (r *run) live(block int) []harness.Cell {
	cells := r.plan.Blocks[block].Cells
	live := slices.DeleteFunc(slices.Clone(cells), func(c harness.Cell) bool { return r.dead[c] })
	if r.dead[cells[0]] || len(live) == 1 && len(cells) > 1 {
		return nil
	}
	return live
}

// launches returns the launches of the turn t, except those of dropped cells.
func (r *run) launches(t harness.Turn) []harness.Launch {
	live := r.live(t.Block)
	return slices.DeleteFunc(t.Launches, func(l harness.Launch) bool { return !slices.Contains(live, l.Cell) })
}
