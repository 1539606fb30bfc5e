//go:build unix

package strategiestest

import "syscall"

func signalTo(pid int, s syscall.Signal) error { return syscall.Kill(pid, s) }

const stopSignal = syscall.SIGSTOP

// group returns the process group of a process; of this one for 0.
func group(pid int) (int, error) { return syscall.Getpgid(pid) }

// session has a process begin a session of its own.
func session() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
