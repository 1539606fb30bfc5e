package strategies_test

import (
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/strategiestest"
)

func TestConformance(t *testing.T) {
	for _, s := range strategies.Table() {
		t.Run(s.Name, func(t *testing.T) {
			config := func(*testing.T) strategies.Config { return strategies.Config{} }
			strategiestest.Run(t, s, config)
			strategiestest.RunInBubble(t, s, config)
		})
	}
}
