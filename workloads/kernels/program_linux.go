package kernels

import "syscall"

// withThread returns attributes that make the system kill a program when the thread that started it
// ends. So the program ends even if the process that started it is killed.
func withThread() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
