package transport

import (
	"encoding/binary"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A waker is a way in which one of two processes can sleep until the other has changed a word of
// shared memory.
type waker interface {
	wake(word *atomic.Uint32)
	sleep(word *atomic.Uint32, was uint32)
}

// A byWord is a waker that uses a futex on the word itself.
type byWord struct{}

func (byWord) wake(word *atomic.Uint32)              { futexWake(word) }
func (byWord) sleep(word *atomic.Uint32, was uint32) { futexWait(word, was, time.Second) }

// A bySocket is a waker that sends a byte through a socket. The sleeping process polls the socket,
// as a pool does.
type bySocket struct{ fd int }

func (s bySocket) wake(*atomic.Uint32) { ringBell(s.fd) }

func (s bySocket) sleep(*atomic.Uint32, uint32) {
	unix.Poll([]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}, 1000)
	var b [64]byte
	hearBell(s.fd, b[:])
}

// A byEvent is a waker that uses an eventfd. The sleeping process polls the eventfd.
type byEvent struct{ fd int }

func (e byEvent) wake(*atomic.Uint32) {
	b := binary.NativeEndian.AppendUint64(nil, 1)
	write(e.fd, b)
}

func (e byEvent) sleep(*atomic.Uint32, uint32) {
	unix.Poll([]unix.PollFd{{Fd: int32(e.fd), Events: unix.POLLIN}}, 1000)
	var b [8]byte
	read(e.fd, b[:])
}

// wakersOf returns two wakers: one that wakes the child, and one that wakes the parent. The
// argument names has the names of both, with a slash in between. The argument socket is an end of a
// socket pair; toChild and toParent are eventfds.
func wakersOf(names string, socket int, toChild, toParent int) (child, parent waker) {
	of := func(name string, event int) waker {
		return map[string]waker{"futex": byWord{}, "socket": bySocket{socket}, "event": byEvent{event}}[name]
	}
	c, p, _ := strings.Cut(names, "/")
	return of(c, toChild), of(p, toParent)
}

func wakeChild(names string) error {
	there, back, err := mapWords(first)
	if err != nil {
		return err
	}
	child, parent := wakersOf(names, first+1, first+2, first+3)
	for n := uint32(1); ; n++ {
		for there.Load() != n {
			child.sleep(there, n-1)
		}
		back.Store(n)
		parent.wake(back)
	}
}

// wakePair starts a child process, and returns a function that sends a number to the child and
// waits until the number comes back. The argument names has the names of the wakers; see
// [wakersOf].
func wakePair(b *testing.B, names string) (trip func()) {
	fd, err := unix.MemfdCreate("payoff-wake", unix.MFD_CLOEXEC)
	if err == nil {
		err = unix.Ftruncate(fd, 4096)
	}
	here, theirs, errS := socketPair()
	toChild, errC := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	toParent, errP := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil || errS != nil || errC != nil || errP != nil {
		b.Fatal(err, errS, errC, errP)
	}
	there, back, err := mapWords(fd)
	if err != nil {
		b.Fatal(err)
	}
	start(b, []int{fd, theirs, toChild, toParent}, "wake "+names)
	closeAll(fd, theirs)
	b.Cleanup(func() { closeAll(here, toChild, toParent) })
	child, parent := wakersOf(names, here, toChild, toParent)
	n := uint32(0)
	return func() {
		n++
		there.Store(n)
		child.wake(there)
		for back.Load() != n {
			parent.sleep(back, n-1)
		}
	}
}

// BenchmarkWake measures the round trip of a number through shared memory to another process and
// back. It uses different wakers for the child and the parent, in turn. Results are medians. In a
// pool, the parent also waits for other descriptors, so it cannot sleep on a futex.
func BenchmarkWake(b *testing.B) {
	const turn = 32
	ways := []string{"futex/futex", "futex/socket", "futex/event", "socket/socket", "event/event"}
	trips, took := make([]func(), len(ways)), make([][]time.Duration, len(ways))
	for i, way := range ways {
		trips[i] = wakePair(b, way)
	}
	for b.Loop() {
		for i, trip := range trips {
			begun := time.Now()
			for range turn {
				trip()
			}
			took[i] = append(took[i], time.Since(begun)/turn)
		}
	}
	for i, way := range ways {
		slices.Sort(took[i])
		b.ReportMetric(float64(took[i][len(took[i])/2]), "ns-"+way)
	}
	b.ReportMetric(0, "ns/op")
}
