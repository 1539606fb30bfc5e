//go:build !linux

package probe

import (
	"errors"
	"fmt"
)

// Filesystem returns the kind of filesystem that a folder is on.
func Filesystem(dir string) (string, error) {
	return "", fmt.Errorf("filesystem of %s: %w here", dir, errors.ErrUnsupported)
}
