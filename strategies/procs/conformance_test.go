package procs

import (
	"os"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/strategiestest"
)

func conform(*testing.T) strategies.Config {
	return strategies.Config{Worker: []string{os.Args[0], "conform"}}
}

func TestConformance(t *testing.T) { strategiestest.Run(t, config(0).Strategy(), conform) }

// Each rule about workers that come and go is held once over another start than exec,
// and each start by rules of each sort.
func TestConformanceOfStarts(t *testing.T) {
	for _, c := range []struct {
		start Start
		rules []string
	}{
		{Standby, []string{"loss", "limit", "cancel what is queued", "stop", "submitters"}},
		{Helper, []string{"loss", "retries", "cancel while it runs", "close", "stop"}},
		{Task, []string{"retries", "cancel", "close", "idle"}},
		{Chunk, []string{"chunks", "loss in a stream", "cancel while it runs", "stop", "idle"}},
	} {
		t.Run(c.start.String(), func(t *testing.T) {
			needs(t, c.start)
			strategiestest.RunSome(t, Config{Start: c.start, Process: config(0).Process}.Strategy(), conform, c.rules...)
		})
	}
}
