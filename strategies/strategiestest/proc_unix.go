//go:build unix

package strategiestest

import "syscall"

func signalTo(pid int, s syscall.Signal) error { return syscall.Kill(pid, s) }

const stopSignal = syscall.SIGSTOP

// group returns the process group of process pid. A pid of 0 means this process.
func group(pid int) (int, error) { return syscall.Getpgid(pid) }

// session returns attributes that make a process start in a new session.
func session() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
