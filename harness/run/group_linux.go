package run

import "syscall"

// ownGroup returns attributes for starting a process. They make it the leader of a new process
// group. The kernel kills the process when the thread that started it ends.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
