//go:build !linux

package probe

// Filesystem returns an error, because this system does not support it.
func Filesystem(dir string) (string, error) { return "", unsupported("filesystem of " + dir) }
