//go:build !linux

// Package affinity reads the CPU affinity of processes and pins threads to cores. This system
// supports neither.
package affinity

import (
	"errors"
	"fmt"
	"runtime"
)

// Cores returns an error that wraps [errors.ErrUnsupported], because this system does not report
// the affinity of processes.
func Cores(int) ([]int, error) { return nil, errUnsupported }

// Keep returns an error that wraps [errors.ErrUnsupported], because this system does not pin
// threads.
func Keep(...int) error { return errUnsupported }

var errUnsupported = fmt.Errorf("affinity: %w on %s", errors.ErrUnsupported, runtime.GOOS)
