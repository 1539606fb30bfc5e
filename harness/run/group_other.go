//go:build !linux

package run

import "syscall"

// ownGroup returns attributes that make a process the leader of a process group. On this system
// the process survives the process that started it.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
