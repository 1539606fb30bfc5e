package cli

import (
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness/run"
)

// TestAdvice checks the command that a run with open questions ends with.
func TestAdvice(t *testing.T) {
	for _, c := range []struct {
		tally run.Tally
		want  string // a part of the line; "" for none
	}{
		{run.Tally{Rounds: 6, Asked: 2, Answered: 2}, ""},
		{run.Tally{Rounds: 6, Asked: 2, Answered: 1, Wanted: 20}, "payoff run --resume here --rounds 20"},
		{run.Tally{Rounds: 6, Asked: 2, Answered: 1}, "payoff run --resume here --budget 10m"},
	} {
		if got := strings.Join(advice("here", c.tally), "\n"); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.tally, got, c.want)
		}
	}
}
