package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// advice says what can be done about blocks that a run left unsettled; "" where there are
// none.
func (p Program) advice(out string, blocks []harness.Block, precision float64, t harness.Tally, samples []harness.Sample) string {
	settled := func(precision float64) (n int) {
		judge := analyze.Judge(precision, analyze.Settings{Waits: p.waits})
		for b := range blocks {
			if judge(ofBlock(samples, b)).Settled {
				n++
			}
		}
		return n
	}
	now := settled(precision)
	if now == len(blocks) {
		return ""
	}
	parts := []string{fmt.Sprintf("unsettled is an interval that is wider than ± %s and not clear either; a verdict that it is too wide for is called unresolved, the others hold", analyze.Percent(precision))}
	if t.Wanted > t.Rounds {
		parts = append(parts, fmt.Sprintf("payoff run --resume %s --rounds %d settles what can be, --budget 10m as much as that time allows", out, t.Wanted))
	}
	if coarser, n := enough(settled, precision, now, len(blocks)); n > now {
		parts = append(parts, fmt.Sprintf("with --precision %s it would be %d of %d blocks that are settled, not %d", strings.ReplaceAll(analyze.Percent(coarser), " ", ""), n, len(blocks), now))
	}
	return strings.Join(parts, "; ")
}

// enough returns a precision that would settle half of the blocks that are not settled, and
// how many are settled then; the coarsest where none does.
func enough(settled func(float64) int, precision float64, now, blocks int) (coarser float64, n int) {
	n = now
	for _, coarser = range []float64{0.02, 0.03, 0.05, 0.1, 0.2} {
		if coarser <= precision {
			continue
		}
		if n = settled(coarser); 2*(n-now) >= blocks-now {
			break
		}
	}
	return coarser, n
}

func ofBlock(samples []harness.Sample, block int) []harness.Sample {
	return slices.DeleteFunc(slices.Clone(samples), func(s harness.Sample) bool { return s.Block != block })
}
