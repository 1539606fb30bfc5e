package run

import (
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A Progress describes how far a run is, so that a caller can display it.
type Progress struct {
	Probing bool          // the run is finding the sizes of jobs, before the first round
	Round   int           // current round, from 0
	Rounds  int           // planned rounds; 0 if the budget limits them
	Done    int           // launches done; while probing, probes done
	Total   int           // launches planned; while probing, probes planned; an estimate if the budget ends the run
	Void    int           // failed launches
	Next    harness.Cell  // cell of the next launch; zero if there is none
	Left    time.Duration // estimated time left; 0 while probing
	Gone    int           // number of blocks that are no longer measured, because their question is answered
	Again   bool          // the block is measured again because of a starved or contaminated launch
}

// progress returns how far the run is before a launch of the cell next, with estimates for the rest
// of the run.
func (r *run) progress(round int, next harness.Cell) Progress {
	p := Progress{Round: round, Rounds: r.plan.Rounds, Done: r.done, Void: r.tally.Void, Next: next}
	launches, cost := 0, time.Duration(0) // launches of a round, and its estimated time
	for i, b := range r.plan.Blocks {
		if r.gone[i] {
			p.Gone++
			continue
		}
		if r.later[i] {
			continue
		}
		launches += len(b.Cells)
		cost += r.cost(i, len(b.Cells))
	}
	each := cost / time.Duration(max(1, launches))
	launches++ // one more for the twin, the second launch of a cell
	if r.plan.Rounds > 0 {
		rest := launches*(r.plan.Rounds-round) - r.in
		p.Total = r.done + rest + r.past.repeats(rest)
	}
	p.Left = each * time.Duration(max(0, p.Total-r.done))
	if budget := max(0, r.Budget-time.Since(r.began)); r.Budget > 0 && (p.Total == 0 || p.Left > budget) {
		p.Left = budget
		p.Total = r.done + int(budget/max(1, each))
	}
	return p
}

func (r *run) report(p Progress) {
	if r.Progress != nil {
		r.Progress(p)
	}
}

// A pace estimates how long a turn (a measurement of a block) takes, based on the times of earlier
// turns.
type pace struct {
	spent    map[int]time.Duration // time of all turns of a block
	turns    map[int]int
	total    time.Duration
	launches int
}

func newPace() *pace {
	return &pace{spent: map[int]time.Duration{}, turns: map[int]int{}}
}

// add records that a turn (a measurement of the block) with the given number of launches took the
// time d.
func (p *pace) add(block, launches int, d time.Duration) {
	p.spent[block] += d
	p.turns[block]++
	p.total += d
	p.launches += launches
}

// cost returns the estimated time of a turn (a measurement of the block) with the given number of
// launches. It returns the first of these estimates that exists:
//
//   - the mean time of the block's earlier turns
//   - the mean time of a launch of other blocks, times the number of launches
//   - guess, an estimated time of one launch, times the number of launches
func (p *pace) cost(block, launches int, guess time.Duration) time.Duration {
	switch {
	case p.turns[block] > 0:
		return p.spent[block] / time.Duration(p.turns[block])
	case p.launches > 0:
		return p.total * time.Duration(launches) / time.Duration(p.launches)
	}
	return guess * time.Duration(launches)
}

// fits reports whether the run should begin another turn. The argument elapsed is the time that the
// run has taken so far, and cost is the time that the turn is expected to take. The turn should
// begin if both conditions hold:
//
//   - with the turn, the run ends closer to the budget than without it
//   - with the turn, the run exceeds the budget by at most budget / [overrun]
//
// A budget of 0 means that there is no limit.
func fits(elapsed, cost, budget time.Duration) bool {
	return budget == 0 || elapsed+cost/2 <= budget && elapsed+cost <= budget+budget/overrun
}

// Before the first turn of a run, the run estimates the time of a launch. The estimate is the sum
// of a fixed part (start, controls and end), the time of six jobs, and the minimum time or the time
// of an open loop. A job whose size is unknown is assumed to take usualJob.
const (
	fixedPart = 50 * time.Millisecond
	usualJob  = 35 * time.Millisecond
)

// cost returns the estimated time of a turn, a measurement of the block with the given number of
// launches.
func (r *run) cost(block, launches int) time.Duration {
	b := r.plan.Blocks[block]
	work := usualJob
	if job, sized := r.jobs[b.Task]; sized {
		work = time.Duration(job.Work * float64(job.Tasks))
	}
	guess := fixedPart + 6*work + b.MinTime
	for _, c := range b.Cells { // the mean over all cells
		if c.Rate > 0 {
			guess += (harness.OpenTime(c.Rate, b.MinTime) - b.MinTime) / time.Duration(len(b.Cells))
		}
	}
	if job := r.jobs[b.Task]; job.Inputs.Of > 0 { // the job of a program
		f := harness.Fit{Cores: b.Cores, MinTime: b.MinTime, Left: r.Budget}
		live := r.live(block)
		guess = 0
		for _, c := range live {
			guess += f.Launch(time.Duration(job.Work), job.Tasks, c.Workers) / time.Duration(len(live))
		}
	}
	return r.pace.cost(block, launches, guess)
}
