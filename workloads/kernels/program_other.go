//go:build !linux

package kernels

import "syscall"

// withThread has no effect here: a program outlives a launch that is killed.
func withThread() *syscall.SysProcAttr { return nil }
