package procs

import (
	"os"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/strategiestest"
)

func TestConformance(t *testing.T) {
	strategiestest.Run(t, Strategy(), func(*testing.T) strategies.Config {
		// A process under the race detector sleeps for a second before it exits.
		return strategies.Config{Worker: []string{"env", "GORACE=atexit_sleep_ms=0", os.Args[0], "conform"}}
	})
}
