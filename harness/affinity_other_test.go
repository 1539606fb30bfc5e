//go:build !linux

package harness

// keep cannot keep a process to cores here.
func keep(int, int) error { return ErrPinning }
