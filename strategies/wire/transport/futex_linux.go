package transport

import (
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	futexWaitOp = 0 // FUTEX_WAIT, between processes: not private
	futexWakeOp = 1
)

// futexWait sleeps while *word is value, until it is woken or for at most d. It may
// return at any time. A brief sleep is one that the scheduler is not told of.
func futexWait(word *atomic.Uint32, value uint32, d time.Duration) {
	t := unix.NsecToTimespec(int64(d))
	call := unix.Syscall6
	if d <= brief {
		call = unix.RawSyscall6
	}
	call(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWaitOp, uintptr(value), uintptr(unsafe.Pointer(&t)), 0, 0)
}

// futexWake wakes who sleeps on word.
func futexWake(word *atomic.Uint32) {
	unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWakeOp, 1, 0, 0, 0)
}
