//go:build !linux

// Package affinity reads the CPU affinity of processes and pins threads to cores. This system
// supports neither.
package affinity

import (
	"errors"
	"fmt"
	"runtime"
)

// Cores returns an error, because this system does not support it.
func Cores(int) ([]int, error) { return nil, errUnsupported }

// Keep returns an error, because this system does not support it.
func Keep(...int) error { return errUnsupported }

var errUnsupported = fmt.Errorf("affinity: %w on %s", errors.ErrUnsupported, runtime.GOOS)
