package run

import (
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A ledger is the history of a run: it determines which block the run measures next. It depends
// only on the samples and their order. So an interrupted run continues as if it had not been
// interrupted.
type ledger struct {
	blocks   map[int][]harness.Sample
	attempts map[slot]int  // number of turns begun
	whole    map[slot]bool // slots whose block was measured completely at least once
	again    []slot        // slots to repeat because of a starved or contaminated launch, oldest first
	first    int           // launches of first turns, those that do not repeat a turn
	extra    int           // launches of repeated turns
	round    int           // the latest round
	cut      *slot         // slot of the last turn, if the run ended during this turn and the slot has no complete turn; else nil
}

// A slot identifies a block and a round. According to the plan, the run measures the block once in
// the round. The run repeats this measurement (a turn) if it was cut short, or if one of its
// launches was starved or contaminated.
type slot struct{ round, block int }

// againMost limits repeated turns. All repeated turns together may have at most one launch for
// every againMost launches of other turns.
const againMost = 5

func newLedger() *ledger {
	return &ledger{blocks: map[int][]harness.Sample{}, attempts: map[slot]int{}, whole: map[slot]bool{}}
}

// begin records that a turn (a measurement of the slot's block) starts. It returns how many turns
// of the slot started before.
func (l *ledger) begin(at slot) (attempt int) {
	attempt = l.attempts[at]
	l.attempts[at]++
	l.round = max(l.round, at.round)
	return attempt
}

// end records the samples of a complete turn (a measurement of the slot's block). If the turn
// compares cells, and [harness.Sample.Misleads] is true for one of its samples, end schedules
// another turn for the slot.
func (l *ledger) end(at slot, turn []harness.Sample) {
	if l.whole[at] {
		l.extra += len(turn)
	} else {
		l.first += len(turn)
	}
	l.take(at, turn)
	l.whole[at] = true
	if compares(turn) && slices.ContainsFunc(turn, harness.Sample.Misleads) {
		l.again = append(l.again, at)
	}
}

// compares reports whether the samples of a turn contain makespans of at least two cells, so that a
// ratio of makespans can be computed. It does not count open loops, which have no makespan, and the
// second launches of cells (twins).
func compares(turn []harness.Sample) bool {
	closed := slices.DeleteFunc(slices.Clone(turn), func(s harness.Sample) bool { return s.Cell.Rate > 0 || s.Twin })
	return len(closed) > 1
}

// samples returns all samples so far of the given blocks, one block after the other. The argument
// blocks holds the numbers of the blocks in the plan.
func (l *ledger) samples(blocks []int) (all []harness.Sample) {
	for _, b := range blocks {
		all = append(all, l.blocks[b]...)
	}
	return all
}

// take adds the samples of a turn (a measurement of the slot's block) to the samples of the block.
// The turn may have been cut short.
func (l *ledger) take(at slot, turn []harness.Sample) {
	l.blocks[at.block] = append(l.blocks[at.block], turn...)
}

// affords reports whether the run may repeat a turn (a measurement of a block) that has the given
// number of launches. All repeated turns together have a limit; see [againMost].
func (l *ledger) affords(launches int) bool { return l.extra+launches <= l.first/againMost }

// repeats returns the estimated number of launches in all repeated turns that are still to come,
// including those already scheduled. It assumes that the share of repeated turns stays the same.
// The argument rest is the number of launches that are still to come in turns that are not
// repetitions.
func (l *ledger) repeats(rest int) int {
	scheduled := 0
	for _, at := range l.again {
		n := 0
		for _, s := range l.blocks[at.block] {
			if s.Round == at.round && s.Attempt == 0 {
				n++
			}
		}
		scheduled += n
	}
	if l.first == 0 {
		return 0
	}
	most := (l.first + rest) / againMost // repeated launches that the whole run may have
	return max(0, min(most-l.extra, scheduled+(l.extra+scheduled)*rest/l.first))
}

// leave cancels the scheduled repetitions of the blocks in the set gone, which the run does not
// measure any more, or not for now.
func (l *ledger) leave(gone map[int]bool) {
	l.again = slices.DeleteFunc(l.again, func(at slot) bool { return gone[at.block] })
}

// replay returns the ledger of an interrupted run, built from the run's samples. The last turn
// counts as cut short if it has fewer samples than planned launches. In this case, the run must
// measure that turn again before any other turn. If the run measured another turn first and were
// then interrupted, the incomplete turn would no longer be the last, so it would count as complete.
//
// The result unmarked holds samples that get [harness.MarkControl] only now, because the run was
// interrupted before it wrote this mark to the file.
func replay(p harness.Plan, samples []harness.Sample) (l *ledger, unmarked []harness.Sample) {
	l = newLedger()
	for len(samples) > 0 {
		first := samples[0]
		n := slices.IndexFunc(samples, func(s harness.Sample) bool {
			return s.Round != first.Round || s.Block != first.Block || s.Attempt != first.Attempt
		})
		last := n < 0
		if last {
			n = len(samples)
		}
		turn := slices.Clone(samples[:n])
		samples = samples[n:]
		at := slot{first.Round, first.Block}
		l.again = slices.DeleteFunc(l.again, func(other slot) bool { return l.whole[at] && other == at })
		l.attempts[at] = max(l.attempts[at], first.Attempt+1)
		l.round = max(l.round, at.round)
		if last && n < len(turnAt(p, at).Launches) {
			l.take(at, turn)
			if l.whole[at] {
				l.again = slices.Insert(l.again, 0, at)
			} else {
				l.cut = &at
			}
			continue
		}
		unmarked = append(unmarked, markControls(turn)...)
		l.end(at, turn)
	}
	return l, unmarked
}

// turnAt returns the planned turn of a slot: the launches with which the plan measures the slot's
// block in the slot's round. It returns an empty turn if the plan has no such block.
func turnAt(p harness.Plan, at slot) harness.Turn {
	for _, t := range p.Round(at.round) {
		if t.Block == at.block {
			return t
		}
	}
	return harness.Turn{}
}
