package procs

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// pipe returns the ends of a pipe, closed on exec.
func pipe() (r, w int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, err
	}
	return p[0], p[1], nil
}

// attributes puts a worker into a process group of its own, and has it killed when
// this process is gone. A descriptor that stands for the process is stored in pidfd, -1 if
// the kernel is too old for it.
func attributes(pidfd *int) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, PidFD: pidfd}
}

// expectEnd makes q say readyOut when the process with that descriptor has ended, and
// reports whether it will.
func (q *poller) expectEnd(pidfd int) bool {
	if pidfd < 0 || q.control(unix.EPOLL_CTL_ADD, pidfd, readyOut, unix.EPOLLIN) != nil {
		return false
	}
	return true
}

// halted reports whether a child was stopped by a signal.
func halted(pid int) bool {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, pid, &info, unix.WSTOPPED|unix.WNOHANG|unix.WNOWAIT, nil)
	return err == nil && info.Code == cldStopped
}

const cldStopped = 5 // CLD_STOPPED
