package run

import (
	"slices"

	"github.com/payoff-bench/payoff/harness"
)

// A ledger is what a run has measured, as far as the next turn depends on it. It follows
// from the samples in their order alone, so that a run which was interrupted goes on from
// its samples as it would have gone on.
type ledger struct {
	blocks   map[int][]harness.Sample
	attempts map[slot]int  // turns that were begun
	whole    map[slot]bool // a turn of it came to its end
	again    []slot        // with a contaminated turn, oldest first
	first    int           // launches of first turns
	extra    int           // launches of turns that were measured again for contamination
	round    int           // the latest
}

// A slot is a block's place in a round. It holds one turn and, where that was cut short or
// contaminated, further attempts.
type slot struct{ round, block int }

// againMost says how many launches a run may add, to measure contaminated turns again: one
// for so many that it has anyway.
const againMost = 5

func newLedger() *ledger {
	return &ledger{blocks: map[int][]harness.Sample{}, attempts: map[slot]int{}, whole: map[slot]bool{}}
}

// begin returns the number of the turn that begins.
func (l *ledger) begin(at slot) (attempt int) {
	attempt = l.attempts[at]
	l.attempts[at]++
	l.round = max(l.round, at.round)
	return attempt
}

// end takes the samples of a turn that came to its end. It is measured again where two cells
// were compared and a sample has a mark that moves their ratio.
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

// compares reports whether a turn has two makespans to compare; open loops have none.
func compares(turn []harness.Sample) bool {
	closed := 0
	for _, s := range turn {
		if s.Cell.Rate == 0 && !s.Twin {
			closed++
		}
	}
	return closed > 1
}

// samples returns those of some blocks, by block.
func (l *ledger) samples(blocks []int) (all []harness.Sample) {
	for _, b := range blocks {
		all = append(all, l.blocks[b]...)
	}
	return all
}

// take keeps the samples of a turn, whether or not it came to its end.
func (l *ledger) take(at slot, turn []harness.Sample) {
	l.blocks[at.block] = append(l.blocks[at.block], turn...)
}

// affords reports whether a turn of so many launches may be added.
func (l *ledger) affords(launches int) bool { return l.extra+launches <= l.first/againMost }

// leave forgets the contaminated turns of blocks that are measured no more.
func (l *ledger) leave(gone map[int]bool) {
	l.again = slices.DeleteFunc(l.again, func(at slot) bool { return gone[at.block] })
}

// replay returns the ledger of a run that left these samples, and those of them whose marks
// are not in the file, since the run ended before it wrote them. The last turn counts as
// cut short unless it holds as many launches as the plan says.
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

// turnAt returns the plan's turn of a slot; one without launches if the plan has no such block.
func turnAt(p harness.Plan, at slot) harness.Turn {
	for _, t := range p.Round(at.round) {
		if t.Block == at.block {
			return t
		}
	}
	return harness.Turn{}
}
