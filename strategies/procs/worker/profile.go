//go:build unix

package worker

import (
	"os"

	"github.com/payoff-bench/payoff/strategies/profiler"
	"github.com/payoff-bench/payoff/strategies/wire"
)

// profile starts the profile of this process that the parent requested in the environment. If the
// parent requested none, profile returns nil.
func profile() (*profiler.Profile, error) {
	role := profiler.Worker
	if isHelper() {
		role = profiler.Helper
	}
	return profiler.Start(os.Getenv(wire.EnvProfile), role, os.Getenv(wire.EnvProfileKind))
}
