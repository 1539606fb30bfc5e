package peers_test

import (
	"testing"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/peers"
	"github.com/payoff-bench/payoff/strategies/strategiestest"
)

func TestConformance(t *testing.T) {
	for _, l := range peers.Libraries() {
		if l.NoJob != "" {
			continue
		}
		t.Run(l.Job.Name, func(t *testing.T) {
			config := func(*testing.T) catalog.Config { return catalog.Config{} }
			strategiestest.Run(t, l.Job, config)
			if l.Job.Name != "pond-job" { // all pools of pond share goroutines outside the bubble
				strategiestest.RunInBubble(t, l.Job, config)
			}
		})
	}
}
