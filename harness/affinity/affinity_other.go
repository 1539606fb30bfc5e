//go:build !linux

// Package affinity reads the CPU affinity of processes and pins threads to cores. On this
// system it supports neither.
package affinity

import (
	"errors"
	"fmt"
	"runtime"
)

// Cores returns an error: it is not supported on this system.
func Cores(int) ([]int, error) { return nil, errUnsupported }

// Keep returns an error: it is not supported on this system.
func Keep(...int) error { return errUnsupported }

var errUnsupported = fmt.Errorf("affinity: %w on %s", errors.ErrUnsupported, runtime.GOOS)
