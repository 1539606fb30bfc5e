package run

import (
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A ledger is the part of a run's history that determines the next turn, a measurement of one
// block. It depends only on the samples and their order, so that an interrupted run continues as if
// it had not been interrupted.
type ledger struct {
	blocks   map[int][]harness.Sample
	attempts map[slot]int  // number of turns begun
	whole    map[slot]bool // slots with a complete turn
	again    []slot        // slots to repeat because of a starved or contaminated launch, oldest first
	first    int           // launches of first turns
	extra    int           // launches of repeated turns
	round    int           // the latest round
}

// A slot is a block in a round. It has one turn (measurement of the block), and further attempts if
// that turn was cut short, starved or contaminated.
type slot struct{ round, block int }

// againMost limits the launches of repeated turns: one per againMost launches of first turns.
const againMost = 5

func newLedger() *ledger {
	return &ledger{blocks: map[int][]harness.Sample{}, attempts: map[slot]int{}, whole: map[slot]bool{}}
}

// begin records the start of a turn and returns its attempt number, from 0.
func (l *ledger) begin(at slot) (attempt int) {
	attempt = l.attempts[at]
	l.attempts[at]++
	l.round = max(l.round, at.round)
	return attempt
}

// end records the samples of a complete turn. It schedules a repetition if the turn compares cells
// and a launch was starved or contaminated in a way that affects ratios.
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

// compares reports whether a turn has at least two makespans to compare. Open loops have no
// makespan.
func compares(turn []harness.Sample) bool {
	closed := slices.DeleteFunc(slices.Clone(turn), func(s harness.Sample) bool { return s.Cell.Rate > 0 || s.Twin })
	return len(closed) > 1
}

// samples returns the samples of the given blocks, block by block.
func (l *ledger) samples(blocks []int) (all []harness.Sample) {
	for _, b := range blocks {
		all = append(all, l.blocks[b]...)
	}
	return all
}

// take records the samples of a turn, which may be incomplete.
func (l *ledger) take(at slot, turn []harness.Sample) {
	l.blocks[at.block] = append(l.blocks[at.block], turn...)
}

// affords reports whether a repeated turn with this number of launches is within the limit of
// againMost.
func (l *ledger) affords(launches int) bool { return l.extra+launches <= l.first/againMost }

// leave cancels the scheduled repetitions of the blocks in gone, which are no longer measured.
func (l *ledger) leave(gone map[int]bool) {
	l.again = slices.DeleteFunc(l.again, func(at slot) bool { return gone[at.block] })
}

// replay returns the ledger of a run with these samples. It also returns the samples whose marks
// are missing from the file, because the run ended before it wrote these marks. The last turn
// counts as cut short if it has fewer launches than planned.
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
			}
			continue
		}
		unmarked = append(unmarked, markControls(turn)...)
		l.end(at, turn)
	}
	return l, unmarked
}

// turnAt returns the turn that the plan has for a slot: the launches of the block in that round. It
// returns an empty turn if the plan has no such block.
func turnAt(p harness.Plan, at slot) harness.Turn {
	for _, t := range p.Round(at.round) {
		if t.Block == at.block {
			return t
		}
	}
	return harness.Turn{}
}
