package cli

import (
	"fmt"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/run"
)

// advice explains that a run left some of its blocks unsettled, and what can be done about
// it; nothing where it left none.
func advice(out string, a *analyze.Analysis, blocks int, t run.Tally) (lines []string) {
	precision := a.Info.Precision
	now := a.Settled(precision)
	if now == blocks {
		return nil
	}
	lines = append(lines, fmt.Sprintf("of an unsettled block some interval is wider than ± %s and not far from the margin beside that; verdicts stand, and one that an interval is too wide for is called unresolved", format.Percent(precision)))
	if t.Wanted > t.Rounds {
		lines = append(lines, fmt.Sprintf("to settle what can be: payoff run --resume %s --rounds %d; to go on for a while: payoff run --resume %s --budget 10m", out, t.Wanted, out))
	}
	if coarser, n := enough(a.Settled, precision, now, blocks); n > now {
		lines = append(lines, fmt.Sprintf("by --precision %s, %d of %d blocks would be settled by now", strings.ReplaceAll(format.Percent(coarser), " ", ""), n, blocks))
	}
	return lines
}

// enough returns a precision by which half of the blocks that are not settled now are, the
// coarsest where none will do, and how many are settled by it.
func enough(settled func(precision float64) int, precision float64, now, blocks int) (coarser float64, n int) {
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
