package analyze

import (
	"cmp"
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// An Explanation is what a run and its profiles know about the difference between two cells.
type Explanation struct {
	Difference Difference
	Cause      *Cause // nil if there is no profile of both cells
	Remedies   []Remedy
}

// A Cause says on what the processes of cells A and B spend the core time of a task. It comes from
// profiles and stamps, in launches of their own, so its times are not those of the run. The caller
// makes it, because the package that reads profiles uses this package.
type Cause struct {
	A, B harness.Cell
	Path string // file of the CPU profile
	// Starved says that other processes used the cores, so that Idle is partly their time.
	Starved bool
	// Parts divide the CPU time of a task, in ns. They add up to CPU.
	Parts  []CausePart
	CPU    CausePart
	System CausePart // part of CPU inside system calls
	Idle   CausePart
	Waited CausePart // time in which threads were ready without a core; it overlaps with all others
	// Stages are mean times of stamped tasks, in ns, in the order of a task. Each has one cell in a
	// step that is no waiting behind other tasks. There are none without stamps of both cells.
	Stages []CauseStage
	Every  int // one task in Every was stamped
}

// A CausePart is one quantity of a [Cause] per task, in ns, for both cells.
type CausePart struct {
	Name string
	A, B float64
	Half float64 // half of the 95 % interval of A - B, from the number of samples; 0 if unknown
}

// Diff returns A - B.
func (p CausePart) Diff() float64 { return p.A - p.B }

// A CauseStage is the mean time of a stage. HasA and HasB say which cells have the stage.
type CauseStage struct {
	Name       string
	A, B       float64
	HasA, HasB bool
}

// Core returns the difference in core time, A - B, by the launches of the profile.
func (c Cause) Core() float64 { return c.CPU.Diff() + c.Idle.Diff() }

// Names of the parts of a [Cause].
const (
	CauseExecute  = "running the task"
	CauseCodecs   = "encoding and decoding"
	CauseBytes    = "moving bytes"
	CauseSleep    = "sleeping and waking"
	CauseDispatch = "handing over"
	CauseSchedule = "Go's scheduler"
	CauseGC       = "garbage collection"
	CauseOther    = "other"
	CauseMissed   = "not sampled"
	CauseIdle     = "idle cores" // no part of the CPU time
)

// A Remedy is a cell that a run measured and that differs from a slow cell in one respect, with its
// makespan divided by that of the fast cell with the same task.
type Remedy struct {
	Key   string // key of the axis that differs; "grain" for larger tasks
	Cell  harness.Cell
	Ratio Estimate
	Helps bool // the ratio is smaller than that of the slow cell
}

// Remedies returns cells of the run in which the difference between the slow and the fast cell may be
// smaller: the best other chunk and transport, and the smallest larger task at which both differ by at
// most 5 %, or else the largest task.
func (a *Analysis) Remedies(slow, fast harness.Cell) (all []Remedy) {
	const near = 1.05
	now := Estimate{}
	best := map[string]Remedy{}
	var grain Remedy
	for _, q := range a.Questions() {
		if q.Place == PlaceOf(slow) {
			now = q.Versus(slow, fast).Ratio
			for _, r := range q.Rows {
				key := oneAxis(r.Cell, slow)
				ratio := q.Versus(r.Cell, fast).Ratio
				if key != "chunk" && key != "transport" || r.Cell == fast || !ratio.Known() {
					continue
				}
				if b, ok := best[key]; !ok || ratio.Value < b.Ratio.Value {
					best[key] = Remedy{Key: key, Cell: r.Cell, Ratio: ratio}
				}
			}
			continue
		}
		if q.Place.along() != PlaceOf(slow).along() || q.Task.Size().Compare(slow.Size()) <= 0 || grain.Ratio.Known() && grain.Ratio.Value <= near {
			continue
		}
		one, other := slow, fast
		one.Task, other.Task = q.Task, q.Task
		if ratio := q.Versus(one, other).Ratio; ratio.Known() {
			grain = Remedy{Key: "grain", Cell: one, Ratio: ratio}
		}
	}
	for _, r := range []Remedy{best["chunk"], best["transport"], grain} {
		if r.Ratio.Known() {
			r.Helps = r.Ratio.Value < now.Value
			all = append(all, r)
		}
	}
	return all
}

// oneAxis returns the key of the only axis on which the cells differ, or "".
func oneAxis(a, b harness.Cell) (key string) {
	for _, axis := range harness.AllAxes() {
		if axis.Text(a) == axis.Text(b) {
			continue
		}
		if key != "" {
			return ""
		}
		key = axis.Key
	}
	return key
}

// A Pair holds two cells with the same task, cores and order of delivery.
type Pair struct {
	Slow, Fast harness.Cell
	Ratio      Estimate // makespan of Slow divided by that of Fast
}

// Apart returns the pairs of strategies of the first screen of the report whose makespans differ by
// more than the given share: for each kind of task, the best strategy and the best of the other kind, at
// the task size at which they differ most. The largest difference comes first. The interval of each
// ratio is above 1. At most the given number of kinds of tasks is considered. A run on a busy machine
// has no pairs.
func (a *Analysis) Apart(share float64, kinds int) (pairs []Pair) {
	if a.Busy() {
		return nil
	}
	sections := a.advised()
	for _, s := range sections[:min(len(sections), kinds)] {
		var most Pair
		for _, q := range s.Questions {
			if len(q.Rows) < 2 || len(q.Winner.Best) == 0 {
				continue
			}
			fast := q.Winner.Best[0]
			slow, ok := nextKind(q, fast)
			ratio := q.Versus(slow, fast).Ratio
			if ok && KindOf(fast) != Loops && ratio.Bounded() && ratio.Lo > 1 && ratio.Value > max(1+share, most.Ratio.Value) {
				most = Pair{slow, fast, ratio}
			}
		}
		if most.Ratio.Known() {
			pairs = append(pairs, most)
		}
	}
	slices.SortStableFunc(pairs, func(x, y Pair) int { return cmp.Compare(y.Ratio.Value, x.Ratio.Value) })
	return pairs
}
