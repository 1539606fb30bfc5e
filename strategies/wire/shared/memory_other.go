//go:build !linux

package shared

import (
	"errors"
	"fmt"
)

// newMemory returns an error, because this system cannot protect shared memory: a worker could
// truncate it, and this process would crash at its next access.
func newMemory(int) (fd int, mem []byte, err error) {
	return -1, nil, fmt.Errorf("an arena needs Linux: %w", errors.ErrUnsupported)
}

func backMemory(fd, at, n int) error { return errors.ErrUnsupported }

// mapMemory returns nil, since no pool on this system has an arena.
func mapMemory(int) ([]byte, error) { return nil, nil }

func unmapMemory([]byte) {}

// closeMemory does nothing: there is no descriptor to close.
func closeMemory(int) {}
