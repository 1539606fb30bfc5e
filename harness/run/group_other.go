//go:build !linux

package run

import "syscall"

// ownGroup returns attributes for starting a process as the leader of a new process group. On this
// system, the process may outlive the process that started it.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
