//go:build !linux

package run

// keep cannot keep a process to cores here.
func keep(int, int) error { return ErrPinning }
