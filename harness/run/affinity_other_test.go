//go:build !linux

package run

// keep is not available on this system.
func keep(int, int) error { return ErrPinning }
