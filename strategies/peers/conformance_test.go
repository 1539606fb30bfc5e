package peers_test

import (
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/peers"
	"github.com/payoff-bench/payoff/strategies/strategiestest"
)

func TestConformance(t *testing.T) {
	for _, l := range peers.Libraries() {
		if l.NoJob != "" {
			continue
		}
		t.Run(l.Job.Name, func(t *testing.T) {
			strategiestest.Run(t, l.Job, func(*testing.T) strategies.Config { return strategies.Config{} })
		})
	}
}
