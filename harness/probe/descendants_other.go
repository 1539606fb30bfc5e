//go:build !linux

package probe

// Descendants is not available here.
func Descendants(int) ([]int, error) { return nil, unsupported("processes below another") }
