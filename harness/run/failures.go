package run

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A LaunchError reports a launch that failed, and therefore gave no sample.
type LaunchError struct {
	Cell    harness.Cell
	Round   int // from 0, printed from 1; -1 for the launch that probes the task before the first round
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
	return fmt.Sprintf("launch of %s in round %d: %v", e.Cell, e.Round+1, e.Err)
}

func (e *LaunchError) Unwrap() error { return e.Err }

// A lagError reports an open loop whose tasks arrived too late in every launch.
type lagError struct{ reason string }

func (e *lagError) Error() string { return e.reason }

// A timeoutError reports a launch that was killed because it took too long.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("the launch took longer than %v and was killed", e.after)
}

// check returns an error if the result of a launch is impossible: a value is negative or not a
// finite number, or the jobs together took longer than the launch, whose time is took. Possible
// causes are a clock that steps and a program that is not a launch.
func check(r harness.Result, took time.Duration) error {
	for unit, v := range r.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			return fmt.Errorf("impossible result: %s is %v (did a clock step?); the launch is void", unit, v)
		}
	}
	if busy := time.Duration(r.Busy); busy > took {
		return fmt.Errorf("impossible result: its jobs took %v, but the launch took %v (did a clock step?); the launch is void", busy, took)
	}
	return nil
}

// A strike counts the consecutive rounds in which a cell failed. round is the last of these rounds.
type strike struct{ round, rounds int }

// outAfter is the number of consecutive rounds with failures after which a cell is dropped. A
// single failure can be an accident, such as a process that the system killed.
const outAfter = 2

// fail records that a launch of the cell failed. It drops the cell if the cell failed in enough
// consecutive rounds.
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
	if late := (*lagError)(nil); errors.As(err, &late) && e.Dropped == 0 {
		// A busy machine is a doubt about the data, not a failure of the run.
		r.tally.Void++
		r.tally.note("%v", e)
		return
	}
	r.void(e)
}

// void records the error of a failed launch, and counts the launch.
func (r *run) void(e *LaunchError) {
	r.failures = append(r.failures, e)
	r.tally.Void++
}

// live returns the cells of a block that are not dropped. It returns no cells if the direct loop is
// dropped, or if all cells but the direct loop are dropped.
func (r *run) live(block int) []harness.Cell {
	cells := r.plan.Blocks[block].Cells
	live := slices.DeleteFunc(slices.Clone(cells), func(c harness.Cell) bool { return r.dead[c] })
	if r.dead[cells[0]] || len(live) == 1 && len(cells) > 1 {
		return nil
	}
	return live
}

// launches returns the launches of a turn whose cells are not dropped.
func (r *run) launches(t harness.Turn) []harness.Launch {
	live := r.live(t.Block)
	return slices.DeleteFunc(t.Launches, func(l harness.Launch) bool { return !slices.Contains(live, l.Cell) })
}
