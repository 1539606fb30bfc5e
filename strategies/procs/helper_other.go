//go:build !linux

package procs

import "syscall"

// A helper starts workers elsewhere; there is none on this system.
type helper struct{}

func newHelper(Config) *helper { return nil }

func (h *helper) exec([]uintptr) (pid, pidfd int, err error) { return 0, -1, syscall.ENOSYS }
func (h *helper) reaped(int)                                 {}
func (h *helper) close()                                     {}
