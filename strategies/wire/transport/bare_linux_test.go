package transport

import (
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mapWords maps the shared memory fd and returns two words in it. The first counts messages to the
// child, the second counts its answers.
func mapWords(fd int) (there, back *atomic.Uint32, err error) {
	mem, err := unix.Mmap(fd, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, err
	}
	return (*atomic.Uint32)(unsafe.Pointer(&mem[0])), (*atomic.Uint32)(unsafe.Pointer(&mem[128])), nil
}

// until sleeps on a futex until the word has the value n.
func until(word *atomic.Uint32, n uint32) {
	for word.Load() != n {
		futexWait(word, n-1, time.Second)
	}
}

// bareFutexChild is a child process that answers messages through shared memory. It copies each
// count from the first word of mapWords to the second.
func bareFutexChild() error {
	there, back, err := mapWords(first)
	if err != nil {
		return err
	}
	for n := uint32(1); ; n++ {
		until(there, n)
		back.Store(n)
		futexWake(back)
	}
}

// bareFutex starts a child process, and returns a function that makes one round trip to it by a
// futex only. The trip transfers no bytes, and neither end polls.
func bareFutex(b *testing.B) (trip func([]byte) error) {
	fd, err := unix.MemfdCreate("payoff-bare", unix.MFD_CLOEXEC)
	if err == nil {
		err = unix.Ftruncate(fd, 4096)
	}
	if err != nil {
		b.Fatal(err)
	}
	defer closeAll(fd)
	there, back, err := mapWords(fd)
	if err != nil {
		b.Fatal(err)
	}
	start(b, []int{fd}, "futex")
	n := uint32(0)
	return func([]byte) error {
		n++
		there.Store(n)
		futexWake(there)
		until(back, n)
		return nil
	}
}
