package procs

import (
	"os"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/strategiestest"
)

func TestConformance(t *testing.T) {
	strategiestest.Run(t, config(0).Strategy(), func(*testing.T) strategies.Config {
		return strategies.Config{Worker: []string{os.Args[0], "conform"}}
	})
}
