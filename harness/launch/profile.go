package launch

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/pprof"

	"github.com/payoff-bench/payoff/harness"
)

// profile starts a CPU profile of this process, and writes it to the folder dir. Worker processes
// that start later write their profiles to the same folder. The function stop ends the profile. If
// dir is "", profile does nothing.
func profile(dir string) (stop func() error, err error) {
	if dir == "" {
		return func() error { return nil }, nil
	}
	if err := os.Setenv(harness.ProfileEnv, dir); err != nil {
		return nil, err
	}
	f, err := os.Create(filepath.Join(dir, "launch.pprof"))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}
