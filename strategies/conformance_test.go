package strategies_test

import (
	"testing"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/strategiestest"
)

func TestConformance(t *testing.T) {
	for _, s := range catalog.Goroutines() {
		t.Run(s.Name, func(t *testing.T) {
			config := func(*testing.T) catalog.Config { return catalog.Config{} }
			strategiestest.Run(t, s, config)
			strategiestest.RunInBubble(t, s, config)
		})
	}
}
