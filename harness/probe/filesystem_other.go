//go:build !linux

package probe

// Filesystem returns an error: it is not supported on this system.
func Filesystem(dir string) (string, error) { return "", unsupported("filesystem of " + dir) }
