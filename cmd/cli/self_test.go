package cli

import "testing"

// TestNamed checks that named replaces the word payoff in commands, and nowhere else.
func TestNamed(t *testing.T) {
	for text, want := range map[string]string{
		"payoff help lists all":                "'my tool' help lists all",
		"such as payoff run --command 'x {}'":  "such as 'my tool' run --command 'x {}'",
		"a; payoff report, or payoff list":     "a; 'my tool' report, or 'my tool' list",
		"payoff measures which strategy":       "payoff measures which strategy",
		"/opt/payoff run, 'payoff' report":     "/opt/payoff run, 'payoff' report",
		"the payoff runs, of payoff-worker -v": "the payoff runs, of payoff-worker -v",
	} {
		if got := named(text, "my tool"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
