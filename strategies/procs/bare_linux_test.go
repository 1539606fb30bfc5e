package procs

import (
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// bareTrip starts a child process that communicates only by system calls, and returns a function
// that makes one round trip to it. The argument over names the way: over pipes a trip carries 16
// bytes; over shared memory it increments a count.
func bareTrip(b *testing.B, over string) (trip func() error) {
	b.Helper()
	var files []uintptr
	if over == "pipe" {
		there, back := make([]int, 2), make([]int, 2)
		must(b, unix.Pipe2(there, unix.O_CLOEXEC))
		must(b, unix.Pipe2(back, unix.O_CLOEXEC))
		files = []uintptr{uintptr(there[0]), uintptr(back[1])}
		defer closeAll(there[0], back[1])
		b.Cleanup(func() { closeAll(there[1], back[0]) })
		msg := make([]byte, 16)
		trip = func() error {
			if _, err := unix.Write(there[1], msg); err != nil {
				return err
			}
			for {
				if _, err := unix.Read(back[0], msg); err != unix.EINTR {
					return err
				}
			}
		}
	} else {
		fd, err := unix.MemfdCreate("payoff-bare", unix.MFD_CLOEXEC)
		must(b, err)
		must(b, unix.Ftruncate(fd, 4096))
		defer closeAll(fd)
		there, back, err := bareWords(fd)
		must(b, err)
		files = []uintptr{uintptr(fd)}
		n := uint32(0)
		trip = func() error {
			n++
			there.Store(n)
			bareFutex(there, 1, 1)
			bareWait(back, n)
			return nil
		}
	}
	pid, err := syscall.ForkExec(os.Args[0], []string{os.Args[0], "bare", over}, &syscall.ProcAttr{
		Env: []string{"GOMAXPROCS=1"}, Files: append([]uintptr{0, 1, 2}, files...),
	})
	must(b, err)
	b.Cleanup(func() { unix.Kill(pid, unix.SIGKILL); unix.Wait4(pid, nil, 0, nil) })
	must(b, trip())
	return trip
}

// bareChild is the main function of the child process of bareTrip.
func bareChild(over string) error {
	if over == "pipe" {
		b := make([]byte, 16)
		for {
			n, err := unix.Read(3, b)
			if n == 0 && err == nil {
				return nil
			}
			if err == nil {
				_, err = unix.Write(4, b[:n])
			}
			if err != nil && err != unix.EINTR {
				return err
			}
		}
	}
	there, back, err := bareWords(3)
	if err != nil {
		return err
	}
	for n := uint32(1); ; n++ {
		bareWait(there, n)
		back.Store(n)
		bareFutex(back, 1, 1)
	}
}

// bareWords maps the shared memory fd and returns two words in it. The first counts trips to the
// child process, the second counts trips from it.
func bareWords(fd int) (there, back *atomic.Uint32, err error) {
	mem, err := unix.Mmap(fd, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, err
	}
	return (*atomic.Uint32)(unsafe.Pointer(&mem[0])), (*atomic.Uint32)(unsafe.Pointer(&mem[128])), nil
}

// bareWait sleeps on a futex until *word is n.
func bareWait(word *atomic.Uint32, n uint32) {
	for word.Load() != n {
		bareFutex(word, 0, n-1)
	}
}

func bareFutex(word *atomic.Uint32, op int, value uint32) {
	unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), uintptr(op), uintptr(value), 0, 0, 0)
}

func closeAll(fds ...int) {
	for _, fd := range fds {
		unix.Close(fd)
	}
}
