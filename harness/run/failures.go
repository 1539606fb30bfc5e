package run

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A LaunchError is a launch that gave no sample.
type LaunchError struct {
	Cell    harness.Cell
	Round   int // from 0, told from 1; -1 for the launch that probes the task before the first round
	Dropped int // in how many rounds in a row the cell had failed when it was dropped for it; else 0
	Err     error
}

func (e *LaunchError) Error() string {
	if e.Round < 0 {
		return fmt.Sprintf("probe of %s: %v", e.Cell, e.Err)
	}
	if e.Dropped > 0 {
		return fmt.Sprintf("%s dropped after %d rounds because its launches failed, in round %d too: %v", e.Cell, e.Dropped, e.Round+1, e.Err)
	}
	return fmt.Sprintf("launch of %s in round %d: %v", e.Cell, e.Round+1, e.Err)
}

func (e *LaunchError) Unwrap() error { return e.Err }

// A lagError is an open loop whose tasks arrived too late, in every launch that was made of it.
type lagError struct{ reason string }

func (e *lagError) Error() string { return e.reason }

// A timeoutError is a launch that was killed because it took too long.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("it took longer than %v and was killed", e.after)
}

// check returns an error if the result of a launch that took so long cannot be true: a
// value that is no number or below zero, or more time in jobs than there was. Clocks that
// step look like this, and programs that answer something else.
func check(r harness.Result, took time.Duration) error {
	for unit, v := range r.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			return fmt.Errorf("its result cannot be true: %s is %v (a clock that stepped?); the launch is void", unit, v)
		}
	}
	if busy := time.Duration(r.Busy); busy > took {
		return fmt.Errorf("its result cannot be true: it worked for %v and took %v (a clock that stepped?); the launch is void", busy, took)
	}
	return nil
}

// A strike is a cell's failures in a row: in so many rounds, the last of them round.
type strike struct{ round, rounds int }

// outAfter is in how many rounds in a row a cell fails until it is dropped. Once can be an
// accident, as a process that the system killed.
const outAfter = 2

// fail records a launch without a sample, and drops its cell if it has failed in enough rounds.
func (r *run) fail(c harness.Cell, round int, err error) {
	s, failed := r.strikes[c]
	if !failed || s.round != round { // else its twin failed in this round, too
		s = strike{round, s.rounds + 1}
	}
	r.strikes[c] = s
	e := &LaunchError{Cell: c, Round: round, Err: err}
	if s.rounds >= outAfter {
		r.dead[c] = true
		e.Dropped = s.rounds
	}
	if late := (*lagError)(nil); errors.As(err, &late) && e.Dropped == 0 {
		// That the machine was busy is a doubt about its data, not a fault of the run.
		r.tally.Void++
		r.tally.note("%v", e)
		return
	}
	r.void(e)
}

func (r *run) void(e *LaunchError) {
	r.failures = append(r.failures, e)
	r.tally.Void++
}

// live returns the cells of a block that are not dropped; none without the direct loop, the
// denominator of all, nor when it alone is left.
func (r *run) live(block int) []harness.Cell {
	cells := r.plan.Blocks[block].Cells
	live := slices.DeleteFunc(slices.Clone(cells), func(c harness.Cell) bool { return r.dead[c] })
	if r.dead[cells[0]] || len(live) == 1 && len(cells) > 1 {
		return nil
	}
	return live
}

// launches returns the launches of a turn whose cells are live.
func (r *run) launches(t harness.Turn) []harness.Launch {
	live := r.live(t.Block)
	return slices.DeleteFunc(t.Launches, func(l harness.Launch) bool { return !slices.Contains(live, l.Cell) })
}
