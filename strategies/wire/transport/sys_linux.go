package transport

import "golang.org/x/sys/unix"

// pipe returns the ends of a pipe, closed on exec.
func pipe() (r, w int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, err
	}
	return p[0], p[1], nil
}

// widenPipe makes room for more in a pipe. A user may have only so much of it (64 MiB,
// usually); then the pipe stays as it is.
func widenPipe(fd int) { unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, pipeSize) }

// pipeSize is twice what other transports hold: an end of a pipe wakes the other at every
// page, so a large transfer has more of its sleeps to save.
const pipeSize = 2 * bufferSize

// socketPair returns two connected sockets, closed on exec.
func socketPair() (a, b int, err error) {
	p, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, -1, err
	}
	return p[0], p[1], nil
}

// socket returns a stream socket that does not block, closed on exec.
func socket(domain int) (int, error) {
	return unix.Socket(domain, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
}

// acceptSocket accepts a connection that does not block, closed on exec.
func acceptSocket(fd int) (int, error) {
	c, _, err := unix.Accept4(fd, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
	return c, err
}
