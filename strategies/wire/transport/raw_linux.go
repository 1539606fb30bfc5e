package transport

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// System calls that do not wait, or not for long, are made without telling Go's scheduler.
// When it is told, and all was idle before, it wakes its monitor thread, which then wakes
// every 20 µs for a while: on a machine whose cores are busy that takes more of them than
// the tasks that are handed over.

// brief is how long an end may wait so at most: the thread keeps its place in the scheduler, and
// what else the process does waits with it. It is longer than the tick of the system's clock
// (4 ms): a time-out that is due before it has the processor's timer set, and set back when the
// wait ends, which on a virtual machine costs more than the system call (8 µs a wait here).
const brief = 5 * time.Millisecond

// read is as unix.Read, of a descriptor that does not block. p is not empty.
func read(fd int, p []byte) (int, error) {
	n, _, err := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
	return done(n, err)
}

// write is as unix.Write, of a descriptor that does not block. p is not empty.
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

// briefly waits for at most d until fd is ready for events, and reports whether it is.
func briefly(fd int, events int16, d time.Duration) bool {
	fds := unix.PollFd{Fd: int32(fd), Events: events}
	t := unix.NsecToTimespec(int64(d))
	n, _, err := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&fds)), 1, uintptr(unsafe.Pointer(&t)), 0, 0, 0)
	return err == 0 && n > 0
}

// ringBell sends a byte to a socket, if there is room for one.
func ringBell(fd int) {
	b := [1]byte{1}
	unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b)), 1, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
}

// hearBell reads what there is from a socket.
func hearBell(fd int, p []byte) (int, error) {
	n, _, err := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), unix.MSG_DONTWAIT, 0, 0)
	return done(n, err)
}
