package transport

import (
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pipe returns the read end and the write end of a new pipe. The system closes both in a process
// that executes another program.
func pipe() (r, w int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, err
	}
	return p[0], p[1], nil
}

// widenPipe enlarges the buffer of the pipe fd. If the user's limit of memory for pipes (usually 64
// MiB) is reached, the buffer stays as it is.
func widenPipe(fd int) { unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, pipeSize) }

// pipeSize is the buffer size of a pipe: twice that of other transports. A pipe wakes the other end
// at every page, so a larger buffer saves more wake-ups in a large transfer.
const pipeSize = 2 * bufferSize

// socketPair returns two connected Unix stream sockets, closed on exec.
func socketPair() (a, b int, err error) {
	p, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, -1, err
	}
	return p[0], p[1], nil
}

// socket returns a new stream socket, non-blocking and closed on exec.
func socket(domain int) (int, error) {
	return unix.Socket(domain, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
}

// acceptSocket accepts a connection and returns its socket, non-blocking and closed on exec.
func acceptSocket(fd int) (int, error) {
	c, _, err := unix.Accept4(fd, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
	return c, err
}

// System calls that do not wait, or wait briefly, are raw system calls, of which Go's scheduler is
// not notified. In an idle process, a call with notification wakes the scheduler's monitor thread,
// which then runs every 20 µs for a while. On busy cores that takes more time than the tasks
// themselves.

// brief is the longest wait in a raw system call. During the wait the thread counts as running for
// Go's scheduler, so other goroutines of the process may have to wait. brief is longer than a tick
// of the system's clock (4 ms). A shorter time-out would set the processor's timer and reset it
// after the wait, which on a virtual machine takes longer than the system call itself (8 µs for
// each wait here).
const brief = 5 * time.Millisecond

// read reads bytes into p from the non-blocking descriptor fd, like [unix.Read]. The slice p must
// not be empty. It is a raw system call that does not notify Go's scheduler, which saves time.
func read(fd int, p []byte) (int, error) {
	n, _, err := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
	return done(n, err)
}

// write writes the bytes of p to the non-blocking descriptor fd, like [unix.Write]. The slice p
// must not be empty. It is a raw system call that does not notify Go's scheduler, which saves time.
func write(fd int, p []byte) (int, error) {
	n, _, err := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
	return done(n, err)
}

func done(n uintptr, err unix.Errno) (int, error) {
	if err != 0 {
		return 0, err
	}
	return int(n), nil
}

// briefly waits until one of the given events occurs on the descriptor fd, but for at most the time
// d. It reports whether one has occurred. It does not notify Go's scheduler of this short wait,
// which saves time.
func briefly(fd int, events int16, d time.Duration) bool {
	fds := unix.PollFd{Fd: int32(fd), Events: events}
	t := unix.NsecToTimespec(int64(d))
	n, _, err := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&fds)), 1, uintptr(unsafe.Pointer(&t)), 0, 0, 0)
	return err == 0 && n > 0
}

// ringBell sends one byte through the socket fd. It does nothing if the socket has no room.
func ringBell(fd int) {
	b := [1]byte{1}
	unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b)), 1, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
}

// hearBell reads the available bytes from the socket fd into p, without waiting.
func hearBell(fd int, p []byte) (int, error) {
	n, _, err := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), unix.MSG_DONTWAIT, 0, 0)
	return done(n, err)
}

const (
	futexWaitOp = 0 // FUTEX_WAIT, not private, since it works between processes
	futexWakeOp = 1
)

// futexWait sleeps until another thread wakes it, but for at most the time d. If the word does not
// have the given value, futexWait returns at once. It may also return early without a reason. If d
// is at most 5 ms (the constant brief), futexWait does not notify Go's scheduler, so no other
// goroutine can use this thread's processor meanwhile.
func futexWait(word *atomic.Uint32, value uint32, d time.Duration) {
	t := unix.NsecToTimespec(int64(d))
	call := unix.Syscall6
	if d <= brief {
		call = unix.RawSyscall6
	}
	call(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWaitOp, uintptr(value), uintptr(unsafe.Pointer(&t)), 0, 0)
}

// futexWake wakes one thread that sleeps on word.
func futexWake(word *atomic.Uint32) {
	unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWakeOp, 1, 0, 0, 0)
}
