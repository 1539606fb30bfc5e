package launch

import (
	"errors"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/peers"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

// TestRunPeers checks that jobs on third-party pools have the digest of the direct loop. It uses
// the pools natively and as executors. A launch must refuse an order that the pool does not
// support.
func TestRunPeers(t *testing.T) {
	table := peers.Table()
	loads := []string{"spin", "sleep"}
	if testing.Short() {
		loads = loads[:1]
	}
	for _, w := range loads {
		direct, err := Run(t.Context(), spec(t, func(c *harness.Cell) { c.Strategy, c.Workload = harness.Direct, w }), table, kernels.All())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range table {
			for _, order := range []string{harness.MapOrder, harness.InputOrder, harness.CompletionOrder} {
				r, err := Run(t.Context(), spec(t, func(c *harness.Cell) {
					c.Strategy, c.Workload, c.Workers, c.Order = s.Name, w, 2, order
				}), table, kernels.All())
				idiom := map[string]catalog.Idiom{harness.MapOrder: catalog.MapIdiom, harness.InputOrder: catalog.StreamIdiom}[order]
				var oe *strategies.OptionError
				switch can := s.Capabilities.Idiom; {
				case can != catalog.AnyJob && can != idiom:
					if !errors.As(err, &oe) || oe.Option != "order" || oe.Strategy != s.Name {
						t.Errorf("%s in %s order: %v", s.Name, order, err)
					}
				case err != nil:
					t.Errorf("%s in %s order: %v", s.Name, order, err)
				case r.Digest != direct.Digest:
					t.Errorf("%s in %s order: digest %x, direct's is %x", s.Name, order, r.Digest, direct.Digest)
				}
			}
		}
	}
}
