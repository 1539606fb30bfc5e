package transport

import (
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire/ring"
)

// A shared is one end of a channel in shared memory. The channel has two rings and a socket, its
// bell. A byte sent through the bell wakes an end that waits in a poll system call. If one end of
// the bell is closed, the process at this end is gone.
//
// Before an end sleeps, it stores the events that it awaits in its own sleep word, and then checks
// the rings once more. The other end first moves its index in a ring, and then checks this word.
// All these operations are atomic, and both ends see them in the same order. So at least one end
// sees the change of the other, and no wake-up is missed.
//
// A peer that is gone cannot wake an end that sleeps by futex. Such an end therefore wakes by
// itself and checks the bell: first after 5 ms, then after twice the time, at most 500 ms.
//
// The bell is a socket because it also signals that the peer is gone; an eventfd does not. With an
// eventfd, a round trip in which a futex wakes the other side takes 10.4 instead of 13.2 µs
// (medians of 6 runs, BenchmarkWake). But such wake-ups are rare: the parent's end is woken only
// once or twice per millisecond of a map, and at most 20 times per millisecond of a stream. They
// take 0.2 to 3 % of the time of the cores.
type shared struct {
	in  *ring.Reader
	out *ring.Writer
	mem []byte

	mine, theirs *atomic.Uint32
	bell         int
	gone         bool // whether the process at the other end is gone

	spinner spinner
	limit   time.Duration
	lookout lookout
}

// Bits of a sleep word that say how to wake the end. The other bits are those of Want.
const (
	byFutex = 4
	byBell  = 8
)

const (
	firstSleep = brief
	lastSleep  = 500 * time.Millisecond
)

func (s *shared) Read(p []byte) (int, error) {
	for {
		n, err := s.TryRead(p)
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
		if !s.lookout.look(lookFor, blind, s.in.Ready) {
			s.sleep(WantRead)
		}
	}
}

func (s *shared) TryRead(p []byte) (n int, err error) {
	if s.mem == nil {
		return 0, io.EOF
	}
	for n < len(p) {
		m, err := s.in.Read(p[n:])
		n += m
		if m == 0 {
			if n > 0 {
				err = nil // the next call returns err again
			}
			return n, err
		}
		if s.in.Roomy() {
			s.wake(WantWrite)
		}
	}
	return n, nil
}

func (s *shared) Write(p []byte) (sent int, err error) {
	for {
		n, err := s.TryWrite(p[sent:])
		sent += n
		if sent == len(p) || err != nil {
			return sent, err
		}
		if !s.spinner.look(s.limit, s.out.Room) {
			s.sleep(WantWrite)
		}
	}
}

func (s *shared) TryWrite(p []byte) (sent int, err error) {
	if s.gone || s.mem == nil {
		return 0, unix.EPIPE
	}
	for sent < len(p) {
		n, err := s.out.Write(p[sent:])
		if n == 0 {
			return sent, err
		}
		sent += n
		s.wake(WantRead)
	}
	return sent, nil
}

// ready reports whether at least one of the events in want has occurred, or the process at the
// other end has ended.
func (s *shared) ready(want Want) bool {
	return s.gone || want&WantRead != 0 && s.in.Ready() || want&WantWrite != 0 && s.out.Room()
}

// sleep waits until at least one of the events in want has occurred, or the process at the other
// end has ended.
func (s *shared) sleep(want Want) {
	state := uint32(want) | byFutex
	for d := firstSleep; ; d = min(2*d, lastSleep) {
		s.mine.Store(state)
		if !s.ready(want) {
			futexWait(s.mine, state, d)
		}
		s.mine.Store(0)
		if s.ready(want) {
			return
		}
		s.hear()
	}
}

// wake wakes the other end if that end sleeps and waits for one of the events in what.
func (s *shared) wake(what Want) {
	state := s.theirs.Load()
	if state&uint32(what) == 0 || !s.theirs.CompareAndSwap(state, 0) {
		return // the other end does not sleep, or has woken by itself and checks the rings
	}
	if state&byFutex != 0 {
		futexWake(s.theirs)
	}
	if state&byBell != 0 {
		ringBell(s.bell) // if the bell is full, the other end is woken as well
	}
}

// hear reads the bytes that the other end has sent through the bell (a socket used to wake an end),
// and records whether the process at the other end is gone.
func (s *shared) hear() {
	var b [64]byte
	n, err := hearBell(s.bell, b[:])
	if err == nil && n == 0 || err == unix.ECONNRESET {
		s.gone = true
		s.in.Abandon()
	}
}

func (s *shared) Poll() (read, write int) { return s.bell, -1 }

func (s *shared) Arm(want Want, spin time.Duration) bool {
	if s.spinner.look(spin, func() bool { return s.ready(want) }) {
		return true
	}
	s.mine.Store(uint32(want) | byBell)
	if !s.ready(want) {
		return false
	}
	s.mine.Store(0) // if the bell was rung in between, the next poll returns early
	return true
}

func (s *shared) Disarm() {
	s.mine.Store(0)
	s.hear()
}

func (s *shared) Await(p []byte, limit time.Duration) (int, error) {
	s.lookout.look(limit, blind, func() bool { return s.ready(WantRead) })
	return s.TryRead(p)
}

func (s *shared) CloseWrite() error {
	if s.mem != nil {
		s.out.Close()
		s.wake(WantRead)
	}
	return nil
}

func (s *shared) Close() error {
	if s.mem == nil {
		return nil
	}
	s.CloseWrite()
	closeAll(s.bell)
	s.bell = -1
	s.wake(WantRead | WantWrite) // if the peer sleeps on the futex, it then finds the bell closed
	mem := s.mem
	s.mem, s.in, s.out = nil, nil, nil
	return unix.Munmap(mem)
}
