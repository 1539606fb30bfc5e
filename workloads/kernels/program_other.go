//go:build !linux

package kernels

import "syscall"

// withThread returns no attributes. On this system, a program runs on if the process that started
// it is killed.
func withThread() *syscall.SysProcAttr { return nil }
