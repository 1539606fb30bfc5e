package transport

import (
	"errors"
	"io"
	"os/signal"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/wire/ring"
)

// FuzzSharedGarbage checks channels whose peer writes garbage into the shared memory. Reads and
// writes of this end must return bytes, io.EOF or a CorruptError.
func FuzzSharedGarbage(f *testing.F) {
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, []byte{0, 1, 2, 3, 0, 1})
	f.Add([]byte("garbage in shared memory"), []byte{1, 3, 1, 7, 2, 11, 0})
	f.Fuzz(func(t *testing.T, garbage, moves []byte) {
		a, b, err := pair(SHM(SHMOptions{Size: 4 << 10}))
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		defer b.Close()
		mem := b.(*shared).mem
		places := []int{sleepParent, sleepChild, ringsAt, ringsAt + 128, ringsAt + ring.HeadLen + 4096, ringsAt + ring.HeadLen + 4096 + 128}
		buf := make([]byte, 8<<10)
		for i, m := range moves {
			n, err := 0, error(nil)
			switch m % 4 {
			case 0:
				n, err = a.TryRead(buf)
			case 1:
				n, err = a.TryWrite(buf[:1+int(m)*30])
			case 2:
				if !a.Arm(WantRead|WantWrite, 0) {
					a.Disarm()
				}
			default:
				copy(mem[places[int(m/4)%len(places)]:], garbage[:min(len(garbage), 16)])
			}
			var corrupt *ring.CorruptError
			if n < 0 || n > len(buf) || err != nil && err != io.EOF && !errors.As(err, &corrupt) {
				t.Fatalf("move %d: %d, %v", i, n, err)
			}
		}
	})
}

func TestBadMemory(t *testing.T) {
	size := memoryLen(4 << 10)
	memory := func(size int64, seal int) int {
		fd, err := unix.MemfdCreate("payoff-test", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
		if err == nil {
			err = unix.Ftruncate(fd, size)
		}
		if err == nil {
			_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seal)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closeAll(fd) })
		return fd
	}
	var refused *RefusedError
	for name, test := range map[string]struct {
		ticket ticket
		fd     int
		typed  bool
	}{
		"too small":  {ticket{Size: 4 << 10}, memory(int64(size)-1, seals), false},
		"not sealed": {ticket{Size: 4 << 10}, memory(int64(size), 0), false},
		"odd":        {ticket{Size: 4<<10 + 1}, memory(int64(size), seals), true},
		"huge":       {ticket{Size: 1 << 30}, memory(int64(size), seals), true},
		"negative":   {ticket{Size: -4096}, memory(int64(size), seals), true},
		"spins":      {ticket{Size: 4 << 10, Spin: time.Hour}, memory(int64(size), seals), true},
	} {
		if _, err := test.ticket.takeSHM(-1, test.fd); err == nil || errors.As(err, &refused) != test.typed {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, o := range []SHMOptions{{Size: 5000}, {Size: 1}, {Size: 1 << 30}, {Spin: -1}} {
		if _, err := SHM(o).Open(); !errors.As(err, &refused) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestSpinner(t *testing.T) {
	const limit = 64 * time.Microsecond
	var s spinner
	steps := []struct {
		do   func()
		want time.Duration
	}{
		{func() {}, limit},
		{s.wasted, limit / 2},
		{s.wasted, limit / 4},
		{s.paid, limit},
		{s.crowded, 0},
		{func() {}, limit},
		{s.crowded, 0},
		{func() {}, 0},
		{func() {}, 0},
		{s.paid, limit},
	}
	for i, step := range steps {
		step.do()
		if got := s.allow(limit); got != step.want {
			t.Errorf("step %d: got a limit of %v, want %v", i, got, step.want)
		}
	}
	for range 20 {
		s.wasted()
	}
	if s.allow(limit) != limit>>mostHalvings {
		t.Errorf("after many polls without success: got a limit of %v", s.allow(limit))
	}
}

// TestNoWakeupIsMissed checks that no wake-up is missed. Both ends wait only in poll system calls,
// so a missed wake-up would block them for ever. The rings are small, so the ends also wait for
// room.
func TestNoWakeupIsMissed(t *testing.T) {
	a, b, err := pair(SHM(SHMOptions{Size: 4 << 10}))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	defer b.Close()
	const total = 8 << 20
	done := make(chan error, 1)
	go func() {
		buf := make([]byte, 3000)
		for got := 0; got < total; {
			n, err := b.TryRead(buf[:1+got%len(buf)])
			if n == 0 && err == nil {
				err = await(b, WantRead, 0)
			}
			if err != nil {
				done <- err
				return
			}
			got += n
		}
		done <- nil
	}()
	buf := make([]byte, 5000)
	for sent := 0; sent < total; {
		n, err := a.TryWrite(buf[:min(1+sent%len(buf), total-sent)])
		if n == 0 && err == nil {
			err = await(a, WantWrite, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
		sent += n
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestNoMemory checks a system without memory for a channel. Opening the channel must fail, no
// later access may crash, and the attempt must leave nothing behind.
func TestNoMemory(t *testing.T) {
	signal.Ignore(unix.SIGXFSZ)
	defer signal.Reset(unix.SIGXFSZ)
	before := descriptors(t)
	var usual unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &usual); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 64 << 10, Max: usual.Max}); err != nil {
		t.Fatal(err)
	}
	_, err := SHM(SHMOptions{}).Open()
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &usual); err != nil {
		t.Fatal(err)
	}
	var failed *OpenError
	if !errors.As(err, &failed) || !errors.Is(err, unix.EFBIG) {
		t.Errorf("rings larger than the allowed memory: got error %v, want an OpenError", err)
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}
