package run

import (
	"fmt"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A Tally is what a run came to.
type Tally struct {
	Launches int           // that gave a sample
	Void     int           // that failed or gave wrong outputs
	Rounds   int           // complete, with those of the run that this one continued
	Again    int           // launches that measured a contaminated turn again
	Marked   int           // launches that are contaminated
	Asked    int           // questions of the plan
	Answered int           // of them, as far as there is a judge
	Wanted   int           // rounds in all that may answer the open ones, as far as that is known; else 0
	More     time.Duration // that these rounds take, about
	Elapsed  time.Duration
	Spent    harness.Spent

	Unmeasured []harness.Cell    // of the plan, without any sample
	Notes      []string          // which parts of the plan were not measured, and why, to be kept with the run
	Absent     map[string]string // why a unit has no value in some samples, by unit
}

// absent keeps the first reason why a unit has no value.
func (t *Tally) absent(why map[string]string) {
	for unit, reason := range why {
		if t.Absent == nil {
			t.Absent = map[string]string{}
		}
		if _, known := t.Absent[unit]; !known {
			t.Absent[unit] = reason
		}
	}
}

func (t *Tally) note(format string, args ...any) {
	t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
}

// sumUp completes the tally with the cells that were not measured, or not enough.
func (r *run) sumUp() {
	sampled := map[harness.Cell]bool{}
	for _, b := range r.past.blocks {
		for _, s := range b {
			sampled[s.Cell] = true
			if s.Contaminated() {
				r.tally.Marked++
			}
		}
	}
	var names []string // without samples
	cells := map[harness.Cell]bool{}
	for _, b := range r.plan.Blocks {
		for _, c := range b.Cells {
			if !sampled[c] && !cells[c] {
				r.tally.Unmeasured = append(r.tally.Unmeasured, c)
				names = append(names, c.String())
			}
			cells[c] = true
		}
	}
	if r.cut != "" && (r.plan.Rounds > 0 || len(names) > 0 || r.Judge != nil) {
		r.tally.note("%s, after %d launches", r.cut, r.tally.Launches)
	}
	if len(names) > 0 {
		r.tally.note("%d of %d cells have no sample: %s", len(names), len(cells), list(names))
	}
	if n := len(r.past.again); n > 0 && r.tally.Launches > 0 {
		r.tally.note("%d %s with starved or contaminated launches %s not measured again: no more than a fifth is added", n, count(n, "block", "blocks"), count(n, "was", "were"))
	}
	if r.Judge != nil && r.tally.Launches > 0 {
		r.open()
	}
}

// open counts the questions that are answered, and notes those that are open and how many rounds
// may answer them.
func (r *run) open() {
	var known, noisy []string // open questions, by whether the rounds that they need are known
	for _, blocks := range r.questions {
		if !r.compares(blocks) {
			continue
		}
		r.tally.Asked++
		st := r.Judge(r.past.samples(blocks))
		if st.Answered {
			r.tally.Answered++
			continue
		}
		b := r.plan.Blocks[blocks[0]]
		name := fmt.Sprintf("%s on %d %s (%s)", b.Task, b.Cores, count(b.Cores, "core", "cores"), st.Open)
		if st.Rounds == 0 {
			noisy = append(noisy, name)
			continue
		}
		known = append(known, name)
		for _, block := range blocks {
			rounds, turns := r.held(block)
			more := max(0, st.Rounds-turns)
			r.tally.Wanted = max(r.tally.Wanted, rounds+more)
			r.tally.More += time.Duration(more) * r.cost(block, len(r.plan.Blocks[block].Cells))
		}
	}
	if r.past.first > 0 { // some turns are measured again, as often as until now
		r.tally.More += r.tally.More * time.Duration(r.past.extra) / time.Duration(r.past.first)
	}
	if r.tally.Answered == r.tally.Asked {
		return
	}
	r.tally.note("%d of %d questions answered", r.tally.Answered, r.tally.Asked)
	if len(known) > 0 {
		r.tally.note("open, and may be answered by %d rounds in all, about %v more: %s", r.tally.Wanted, whole(r.tally.More), list(known))
	}
	if len(noisy) > 0 {
		r.tally.note("open, and too noisy to estimate the rounds: %s", list(noisy))
	}
}

// compares reports whether the blocks of a question have two makespans to compare.
func (r *run) compares(blocks []int) bool {
	closed := map[harness.Cell]bool{}
	for _, b := range blocks {
		for _, c := range r.plan.Blocks[b].Cells {
			if c.Rate == 0 {
				closed[c] = true
			}
		}
	}
	return len(closed) > 1
}

// held returns how many rounds hold the block, and how often it was measured in them.
func (r *run) held(block int) (rounds, turns int) {
	in, at := map[int]bool{}, map[[2]int]bool{}
	for _, s := range r.past.blocks[block] {
		in[s.Round], at[[2]int{s.Round, s.Attempt}] = true, true
	}
	return len(in), len(at)
}

// count returns the word for n things: one or many.
func count(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// named is how many cells or blocks a note names at most.
const named = 6

// list joins the first of names, and counts the others.
func list(names []string) string {
	if more := len(names) - named; more > 0 {
		names = append(names[:named:named], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, "; ")
}
