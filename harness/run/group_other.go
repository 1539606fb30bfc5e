//go:build !linux

package run

import "syscall"

// ownGroup makes a process the leader of a group. Here nothing makes it die with the
// process that started it.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
