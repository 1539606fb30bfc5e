package run

import (
	"strings"
	"testing"
)

// TestApart checks that a run names tasks that compute outside the thread that called them, and does not
// trust samples of tasks that compute after their jobs.
func TestApart(t *testing.T) {
	for strategy, want := range map[string]int{"pool": 0, "apart": 2} {
		s := &sink{}
		r, p := runner(t, s, strategy)
		var said []string
		r.Say = func(text string) { said = append(said, text) }
		tally, err := r.Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(strings.Join(tally.Notes, "\n"), "workload spin: "); got != want || (tally.Doubt != "") != (want > 0) || len(said) != want {
			t.Errorf("%s: notes %q, doubt %q, said %q", strategy, tally.Notes, tally.Doubt, said)
		}
	}
}
