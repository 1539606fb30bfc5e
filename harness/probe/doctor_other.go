//go:build !linux

package probe

import "github.com/payoff-bench/payoff/harness"

// Doctor looks for what makes timings on this machine noisy. Here it sees little, and says
// what it does not see.
func Doctor() []Finding {
	return findings(map[string]look{
		"pinning": func() (Finding, error) {
			if err := harness.Pinning(); err != nil {
				return Finding{Found: err.Error(), State: Noted}, nil
			}
			return Finding{Found: "permitted", State: Good}, nil
		},
		"hypervisor": func() (Finding, error) { return virtual(hypervisor()) },
	})
}
