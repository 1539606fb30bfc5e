package kernels

import "syscall"

// withThread returns attributes that kill a program when the thread that started it ends. So the
// program does not outlive a launch that is killed.
func withThread() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
