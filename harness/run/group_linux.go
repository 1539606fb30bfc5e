package run

import "syscall"

// ownGroup makes a process the leader of a group, and makes it die with the thread that
// started it.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
