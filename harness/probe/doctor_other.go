//go:build !linux

package probe

// Doctor looks for what makes timings on this machine noisy. Here it sees little, and says
// what it does not see.
func Doctor(pinned error) []Finding {
	return findings(map[string]look{
		"pinning": func() (Finding, error) {
			if pinned != nil {
				return Finding{Found: pinned.Error(), State: Noted}, nil
			}
			return Finding{Found: "permitted", State: Good}, nil
		},
		"hypervisor": func() (Finding, error) { return virtual(hypervisor()) },
	})
}
