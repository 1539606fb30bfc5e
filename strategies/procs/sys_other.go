//go:build !linux

package procs

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// pipe returns the ends of a pipe, closed on exec.
func pipe() (r, w int, err error) {
	var p [2]int
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := unix.Pipe(p[:]); err != nil {
		return -1, -1, err
	}
	unix.CloseOnExec(p[0])
	unix.CloseOnExec(p[1])
	return p[0], p[1], nil
}

// attributes puts a worker into a process group of its own. It notices by itself when
// this process is gone.
func attributes(*int) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// expectEnd reports that there is no descriptor that stands for a process here.
func (q *poller) expectEnd(int) bool { return false }

// halted reports whether a child was stopped by a signal.
func halted(pid int) bool {
	// A child that has ended would be reaped by this, which is its supervisor's to do; so
	// here a worker that is stopped is ended by the limit of its task alone.
	return false
}
