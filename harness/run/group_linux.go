package run

import "syscall"

// ownGroup returns attributes that make a process the leader of a process group, and kill it when
// the thread that started it ends.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
