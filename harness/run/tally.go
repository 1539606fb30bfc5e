package run

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// A Tally summarizes a run: how much it measured, how long it took, and which questions remain
// open.
type Tally struct {
	Launches int                // launches with a sample
	Void     int                // launches that failed or had wrong outputs
	Rounds   int                // complete rounds, including those of the run that this one continues
	Again    int                // launches of repeated turns
	Marked   int                // contaminated launches, starved ones included
	Starved  int                // starved launches
	Left     int                // launches that left processes running
	Working  []string           // workloads whose tasks left goroutines computing
	Parallel map[string]float64 // workloads whose tasks use several cores each: their CPU time divided by their wall time
	Asked    int                // questions of the plan, if there is a judge
	Answered int                // answered questions
	Aside    int                // questions that remained set aside, because the budget was too small for them
	Rest     time.Duration      // estimated time of the rounds that all questions still need, if some were set aside
	Wanted   int                // total number of rounds after which the open questions may be answered; 0 if unknown
	More     time.Duration      // estimated time of the further rounds after which the open questions may be answered
	Elapsed  time.Duration
	Spent    harness.Spent

	Doubt      string            // why the samples cannot be trusted; "" if no reason is known
	Unmeasured []harness.Cell    // cells of the plan without a sample
	Notes      []string          // notes on unmeasured parts of the plan, to be kept with the run
	Absent     map[string]string // reason why a unit has no value in some samples, by unit
	Failed     map[string]int    // launches that failed or had wrong outputs, by the name of the cell
}

// absent records reasons why samples have no value in some units. The argument why holds the
// reasons of one launch, keyed by unit. For each unit, the tally keeps only the first reason of the
// run.
func (t *Tally) absent(why map[string]string) {
	if t.Absent == nil && len(why) > 0 {
		t.Absent = map[string]string{}
	}
	for unit, reason := range why {
		t.Absent[unit] = cmp.Or(t.Absent[unit], reason)
	}
}

// parallelMost is the largest value of [harness.Result].Beyond that is usual for tasks on one thread.
// Measured for all workloads of payoff, it was at most 1.12.
const parallelMost = 1.2

// apart records whether tasks of the workload computed outside the thread that called them.
func (t *Tally) apart(workload string, r harness.Result) {
	if r.Working && !slices.Contains(t.Working, workload) {
		t.Working = append(t.Working, workload)
	}
	if r.Beyond > parallelMost {
		if t.Parallel == nil {
			t.Parallel = map[string]float64{}
		}
		t.Parallel[workload] = max(t.Parallel[workload], r.Beyond)
	}
}

// failed counts a failed launch of the cell.
func (t *Tally) failed(c harness.Cell) {
	if t.Failed == nil {
		t.Failed = map[string]int{}
	}
	t.Failed[c.String()]++
}

func (t *Tally) note(format string, args ...any) {
	t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
}

// sumUp completes the tally at the end of the run. It adds notes about cells without samples and
// about questions without an answer.
func (r *run) sumUp() {
	sampled := map[harness.Cell]bool{}
	for _, b := range r.past.blocks {
		for _, s := range b {
			sampled[s.Cell] = true
			if s.Contaminated() {
				r.tally.Marked++
			}
			if s.Starved() {
				r.tally.Starved++
			}
		}
	}
	var names []string // names of unmeasured cells
	cells := map[harness.Cell]bool{}
	for i, b := range r.plan.Blocks {
		for _, c := range b.Cells {
			if !sampled[c] && !cells[c] && r.Next == nil {
				r.tally.Unmeasured = append(r.tally.Unmeasured, c)
				if !r.later[i] && !r.unfit[c] { // those cells have notes of their own
					names = append(names, c.String())
				}
			}
			cells[c] = true
		}
	}
	if r.cut != "" && (r.plan.Rounds > 0 || len(names) > 0 || r.Judge != nil || r.Next != nil) {
		r.tally.note("%s, after %d launches", r.cut, r.tally.Launches)
	}
	if n := r.tally.Left; n > 0 {
		r.tally.note("%d of %s left processes running, which payoff killed; the times of the tasks do not include their work; let each task wait for its processes", n, format.Count(r.tally.Launches, "launch"))
		if r.Say != nil {
			r.Say(r.tally.Notes[len(r.tally.Notes)-1])
		}
	}
	r.sumUpApart()
	if len(names) > 0 {
		r.tally.note("%d of %d cells have no sample: %s", len(names), len(cells), list(names))
	}
	if n := r.asides(); n > 0 && r.Next == nil {
		r.tally.Aside = n
		var aside time.Duration
		for q := range r.questions {
			need := r.need(q)
			r.tally.Rest += need
			if r.aside(q) {
				aside += need
			}
		}
		r.tally.note("%d of %s left out, because the budget of %v is too small for the %d rounds that verdicts need; these questions need about %v more", n, format.Count(len(r.questions), "question"), r.Budget, harness.FewestRounds, whole(aside))
	}
	if n := len(r.past.again); n > 0 && r.Next == nil && r.tally.Launches > 0 {
		r.tally.note("%s not measured again despite starved or contaminated launches, because repetitions may add at most a fifth of the launches", format.Count(n, "block"))
	}
	if r.Judge != nil && r.tally.Launches > 0 {
		r.open()
	}
}

// Working is the doubt about the samples of tasks that leave goroutines computing.
const Working = "goroutines of its tasks computed after their job had ended, so their work is missing from the times"

// sumUpApart adds notes about tasks that computed outside the thread that called them.
func (r *run) sumUpApart() {
	said := len(r.tally.Notes)
	for _, name := range r.tally.Working {
		r.tally.Doubt = Working
		r.tally.note("workload %s: goroutines of tasks computed after their job had ended, so their work is missing from the times; let each task wait for its goroutines", name)
	}
	for _, name := range slices.Sorted(maps.Keys(r.tally.Parallel)) {
		r.tally.note("workload %s: the direct loop used up to %.1f cores, so its tasks use goroutines, threads or processes of their own: speed-ups are relative to a loop that is parallel itself, and work that continues after its task has returned is not in the times", name, r.tally.Parallel[name])
	}
	if r.Say != nil {
		for _, note := range r.tally.Notes[said:] {
			r.Say(note)
		}
	}
}

// open stores in the tally how many questions the run asked and how many are answered. It also
// stores how many rounds, and how much more time, the other questions are expected to need.
func (r *run) open() {
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
		if st.Rounds == 0 {
			continue
		}
		for _, block := range blocks {
			rounds, turns := r.held(block)
			more := max(0, st.Rounds-turns)
			r.tally.Wanted = max(r.tally.Wanted, rounds+more)
			r.tally.More += time.Duration(more) * r.cost(block, len(r.plan.Blocks[block].Cells))
		}
	}
	if r.past.first > 0 { // assume that repeated turns remain as frequent
		r.tally.More += r.tally.More * time.Duration(r.past.extra) / time.Duration(r.past.first)
	}
}

// compares reports whether the given blocks, those of a question, contain at least two cells whose
// makespans can be compared. Open loops have no makespan.
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

// held returns the number of rounds in which the block was measured, and the number of its turns.
// There are more turns than rounds if the block was measured again in a round.
func (r *run) held(block int) (rounds, turns int) {
	in, at := map[int]bool{}, map[[2]int]bool{}
	for _, s := range r.past.blocks[block] {
		in[s.Round], at[[2]int{s.Round, s.Attempt}] = true, true
	}
	return len(in), len(at)
}

// named is the largest number of cells or questions that a note names.
const named = 6

// list returns a text with the first few names and the number of all other names.
func list(names []string) string {
	if more := len(names) - named; more > 0 {
		names = append(names[:named:named], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, "; ")
}
