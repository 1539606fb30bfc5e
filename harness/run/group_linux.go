package run

import "syscall"

// ownGroup returns attributes for starting a process as the leader of a new process group. The
// kernel kills this process when the thread that started it ends.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
