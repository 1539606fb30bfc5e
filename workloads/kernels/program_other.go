//go:build !linux

package kernels

import "syscall"

// withThread returns no attributes. On this system a program outlives a launch that is killed.
func withThread() *syscall.SysProcAttr { return nil }
