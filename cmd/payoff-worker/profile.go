package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
)

// profile begins a CPU profile in <dir>/<pid>.pprof, unless dir is empty, and returns
// what ends it. A profile that cannot be written is no reason not to work.
func profile(dir string) (stop func()) {
	if dir == "" {
		return func() {}
	}
	f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%d.pprof", os.Getpid())))
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "payoff-worker: profile:", err)
		return func() {}
	}
	return func() {
		pprof.StopCPUProfile()
		if err := f.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "payoff-worker: profile:", err)
		}
	}
}
