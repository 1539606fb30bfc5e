package kernels

import "syscall"

// withThread returns attributes with which a program is killed when the thread that started it
// ends. The program thus ends even if the process that started it is killed.
func withThread() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
