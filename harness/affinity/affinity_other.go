//go:build !linux

// Package affinity tells which cores a process may use, and keeps a thread to some of them.
// Here it can do neither.
package affinity

import (
	"errors"
	"fmt"
	"runtime"
)

// Cores is not available here.
func Cores(int) ([]int, error) { return nil, unsupported() }

// Keep is not available here.
func Keep(...int) error { return unsupported() }

func unsupported() error {
	return fmt.Errorf("affinity: %w on %s", errors.ErrUnsupported, runtime.GOOS)
}
