package procs

import "golang.org/x/sys/unix"

// killHelper kills the helper of x and returns when it has ended.
func killHelper(x *Executor) error {
	h := x.config.helper
	if err := unix.Kill(h.pid, unix.SIGKILL); err != nil {
		return err
	}
	return unix.Waitid(unix.P_PID, h.pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
}
