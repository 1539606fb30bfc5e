//go:build !linux

package probe

// Filesystem returns an error, because on this system payoff cannot determine the kind of a
// filesystem.
func Filesystem(dir string) (string, error) { return "", unsupported("filesystem of " + dir) }
