package procs

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func newWaker() (*waker, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	return &waker{r: fd, w: fd}, err
}

// pipe returns the ends of a pipe, closed on exec.
func pipe() (r, w int, err error) {
	var p [2]int
	err = unix.Pipe2(p[:], unix.O_CLOEXEC)
	return p[0], p[1], err
}

// widen makes room for more in a pipe. A user may have only so much of it; then the
// pipe stays as it is.
func widen(fd int) { unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, pipeBytes) }

const pipeBytes = 256 << 10

// attributes puts a worker into a process group of its own, and has it killed when
// this process is gone.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// await waits until a child has ended, or, if stops is set, was stopped by a signal. A
// child that has ended is left to be reaped, so that its number stays its own.
func await(pid int, stops bool) (status unix.WaitStatus, reaped, stopped bool) {
	options := unix.WEXITED | unix.WNOWAIT
	if stops {
		options |= unix.WSTOPPED
	}
	for {
		var info unix.Siginfo
		if err := unix.Waitid(unix.P_PID, pid, &info, options, nil); err != unix.EINTR {
			return 0, false, err == nil && info.Code == cldStopped
		}
	}
}

const cldStopped = 5 // CLD_STOPPED
