package kernels

import "syscall"

// withThread returns attributes that end a program with the thread that starts it, and so with
// a launch that is killed.
func withThread() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
