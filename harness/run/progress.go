package run

import (
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// Progress is how far a run is.
type Progress struct {
	Probing bool          // finding the size of jobs, before the first round
	Round   int           // the current one, from 0
	Rounds  int           // planned; 0 for as many as the budget holds
	Done    int           // launches done, or probes
	Total   int           // launches planned, or probes; an estimate where the budget ends the run
	Void    int           // launches that failed
	Next    harness.Cell  // of the next launch; zero if there is none
	Left    time.Duration // 0 while probing, when nothing is known yet
	Gone    int           // blocks whose question is answered
	Again   bool          // this block had a starved or contaminated launch and is measured again
}

// progress says how far the run is, with launches and time as they are expected to go on.
func (r *run) progress(round int, next harness.Cell) Progress {
	p := Progress{Round: round, Rounds: r.plan.Rounds, Done: r.done, Void: r.tally.Void, Next: next}
	launches, cost := 0, time.Duration(0) // of a round
	for i, b := range r.plan.Blocks {
		if r.gone[i] {
			p.Gone++
			continue
		}
		launches += len(b.Cells)
		cost += r.cost(i, len(b.Cells))
	}
	each := cost / time.Duration(max(1, launches))
	launches++ // the twin
	if r.plan.Rounds > 0 {
		p.Total = r.done + launches*(r.plan.Rounds-round) - r.in
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

// A pace estimates the time of turns from that of the turns before.
type pace struct {
	spent    map[int]time.Duration // by block
	turns    map[int]int
	total    time.Duration
	launches int
}

func newPace() *pace {
	return &pace{spent: map[int]time.Duration{}, turns: map[int]int{}}
}

// add records that a turn of the block with so many launches took d.
func (p *pace) add(block, launches int, d time.Duration) {
	p.spent[block] += d
	p.turns[block]++
	p.total += d
	p.launches += launches
}

// cost estimates a turn of the block with so many launches: by its own turns, else by launches
// of other blocks, else by guess per launch.
func (p *pace) cost(block, launches int, guess time.Duration) time.Duration {
	switch {
	case p.turns[block] > 0:
		return p.spent[block] / time.Duration(p.turns[block])
	case p.launches > 0:
		return p.total * time.Duration(launches) / time.Duration(p.launches)
	}
	return guess * time.Duration(launches)
}

// fits reports whether a turn should begin: whether ending after it is nearer to the
// budget than ending before it, and within the budget's overrun. A budget of 0 has no end.
func fits(elapsed, cost, budget time.Duration) bool {
	return budget == 0 || elapsed+cost/2 <= budget && elapsed+cost <= budget+budget/overrun
}

// cost estimates a turn of a block. Before any was measured a launch is guessed to run
// six jobs, the longest of them the direct loop's.
func (r *run) cost(block, launches int) time.Duration {
	b := r.plan.Blocks[block]
	job := r.jobs[b.Task]
	guess := 6*time.Duration(job.Work*float64(job.Tasks)) + b.MinTime
	return r.pace.cost(block, launches, guess)
}
