package harness

import (
	"errors"
	"slices"
)

// A strike is a cell's failures in a row: in so many rounds, the last of them round.
type strike struct{ round, rounds int }

// outAfter is in how many rounds in a row a cell fails until it is dropped. Once can be an
// accident, as a process that the system killed.
const outAfter = 2

// fail records a launch without a sample, and drops its cell if it was the last straw.
func (r *run) fail(c Cell, round int, err error) {
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
		r.tally.Notes = append(r.tally.Notes, e.Error())
		return
	}
	r.void(e)
}

func (r *run) void(e *LaunchError) {
	r.failures = append(r.failures, e)
	r.tally.Void++
}

// live returns the launches of a turn whose cells are not dropped; none without the
// direct loop, the denominator of all, nor when it is all that is left.
func (r *run) live(t Turn) []Launch {
	cells := r.plan.Blocks[t.Block].Cells
	dead := func(c Cell) bool { return r.dead[c] }
	if dead(cells[0]) || len(cells) > 1 && !slices.ContainsFunc(cells[1:], func(c Cell) bool { return !dead(c) }) {
		return nil
	}
	return slices.DeleteFunc(t.Launches, func(l Launch) bool { return dead(l.Cell) })
}
