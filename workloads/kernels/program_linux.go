package kernels

import "syscall"

// withThread makes a program end with the thread that starts it, and so with a launch that is
// killed.
func withThread() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
