//go:build !linux

package kernels

import "syscall"

// withThread returns no attributes. On this system a program outlives the process that started it,
// if that process is killed.
func withThread() *syscall.SysProcAttr { return nil }
