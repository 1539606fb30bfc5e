//go:build unix

package worker

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"

	"github.com/payoff-bench/payoff/strategies/wire"
)

// profile starts a CPU profile of this process, in the file <pid>.pprof of the folder that the
// parent named in the environment. It returns the function that completes the profile. If the
// parent named no folder, profile does nothing.
func profile() (stop func() error, err error) {
	dir := os.Getenv(wire.EnvProfile)
	if dir == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%d.pprof", os.Getpid())))
	if err != nil {
		return nil, fmt.Errorf("CPU profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("CPU profile: %w", err), f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}
