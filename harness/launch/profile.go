package launch

import (
	"cmp"
	"os"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/profiler"
)

// profile starts the profile of this process that the spec s requests. Worker processes that start
// later write profiles of the same kind to the same folder. If s requests none, profile returns nil.
func profile(s harness.Spec) (*profiler.Profile, error) {
	if s.ProfileDir == "" {
		return nil, nil
	}
	kind := cmp.Or(s.ProfileKind, "cpu")
	if err := os.Setenv(harness.ProfileEnv, s.ProfileDir); err != nil {
		return nil, err
	}
	if err := os.Setenv(harness.ProfileKindEnv, kind); err != nil {
		return nil, err
	}
	return profiler.Start(s.ProfileDir, profiler.Launch, kind)
}
