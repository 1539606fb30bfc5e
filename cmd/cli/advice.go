package cli

import (
	"fmt"

	"github.com/payoff-bench/payoff/harness/run"
)

// advice returns the commands that go on with the open questions of a run; none where all are
// answered.
func advice(out string, t run.Tally) (lines []string) {
	if t.Answered == t.Asked {
		return nil
	}
	if t.Wanted > t.Rounds {
		return []string{fmt.Sprintf("to answer the open questions: payoff run --resume %s --rounds %d", out, t.Wanted)}
	}
	return []string{fmt.Sprintf("to go on for a while: payoff run --resume %s --budget 10m", out)}
}
