//go:build unix

package transport

import (
	"context"
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A wiretap records the messages that a listening side and a connecting side exchange. Both know
// the secret.
type wiretap struct{ listener, dialler []byte } // messages that each side sent

func tap(t *testing.T) (heard wiretap) {
	t.Helper()
	l, toL := ends(t)
	d, toD := ends(t)
	pass := func(from, to exchange, n int) (said []byte) {
		said = make([]byte, n)
		if err := errors.Join(from.read(said), to.write(said)); err != nil {
			t.Error(err)
		}
		return said
	}
	done := make(chan error, 2)
	go func() { done <- l.admit(secret) }()
	go func() { done <- d.enter(secret) }()
	heard.listener = pass(toL, toD, helloLen)
	heard.dialler = pass(toD, toL, helloLen+proofLen)
	heard.listener = append(heard.listener, pass(toL, toD, proofLen)...)
	if err := errors.Join(<-done, <-done); err != nil {
		t.Fatal(err)
	}
	return heard
}

const proofLen = 32

// TestReplay sends recorded messages of an earlier exchange to each end: those of the peer, and
// those of the end itself. The end must reject them.
func TestReplay(t *testing.T) {
	heard := tap(t)
	for name, test := range map[string]struct {
		talk func(exchange, [secretLen]byte) error
		say  []byte
	}{
		"the dialler again":         {exchange.admit, heard.dialler},
		"the listener again":        {exchange.enter, heard.listener},
		"the listener as a dialler": {exchange.admit, heard.listener},
		"the dialler as a listener": {exchange.enter, heard.dialler},
	} {
		here, there := ends(t)
		if err := there.write(test.say); err != nil {
			t.Fatal(err)
		}
		if err := test.talk(here, secret); err != ErrStranger {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Two listeners with the same secret do not help an attacker: neither answers the challenge of
	// the other.
	a, toA := ends(t)
	b, toB := ends(t)
	done := make(chan error, 2)
	go func() { done <- a.admit(secret) }()
	go func() { done <- b.admit(secret) }()
	one, other := make([]byte, helloLen), make([]byte, helloLen)
	if err := errors.Join(toA.read(one), toB.read(other), toA.write(other), toB.write(one)); err != nil {
		t.Fatal(err)
	}
	unix.Shutdown(toA.fd, unix.SHUT_WR)
	unix.Shutdown(toB.fd, unix.SHUT_WR)
	for range 2 {
		if err := <-done; err != ErrGone {
			t.Errorf("two listeners with one secret: got error %v, want ErrGone", err)
		}
	}
	unix.Shutdown(a.fd, unix.SHUT_RDWR)
	unix.Shutdown(b.fd, unix.SHUT_RDWR)
	for _, x := range []exchange{toA, toB} {
		if n, err := unix.Read(x.fd, make([]byte, proofLen)); n > 0 {
			t.Errorf("two listeners with one secret: got a proof of %d bytes and error %v, want none", n, err)
		}
	}
}

// TestTCPOptions checks that sockets of the transport tcp use the loopback interface and send
// without delay.
func TestTCPOptions(t *testing.T) {
	a, b, err := pair(TCP())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	defer b.Close()
	for _, c := range []Conn{a, b} {
		fd := c.(*stream).in
		if on, err := unix.GetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY); on == 0 || err != nil {
			t.Errorf("got TCP_NODELAY %d and error %v, want it set", on, err)
		}
		for _, name := range []func(int) (unix.Sockaddr, error){unix.Getsockname, unix.Getpeername} {
			at, err := name(fd)
			if inet, ok := at.(*unix.SockaddrInet4); !ok || inet.Addr != [4]byte{127, 0, 0, 1} {
				t.Errorf("%v, %v", at, err)
			}
		}
	}
}

// TestFullBacklog lets unknown processes fill the queue of the listener. The child must try to
// connect again until it succeeds.
func TestFullBacklog(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("on this system a full queue looks like a missing listener")
	}
	o, tk := openListener(t, "unix")
	at, err := socketAddress("unix", tk.Address)
	if err != nil {
		t.Fatal(err)
	}
	var strangers []int
	for full := false; !full; {
		fd, err := socket(unix.AF_UNIX)
		if err != nil || len(strangers) > 10*backlogLen {
			t.Fatal(len(strangers), err)
		}
		strangers = append(strangers, fd)
		full = unix.Connect(fd, at) == unix.EAGAIN
	}
	child, err := unix.FcntlInt(uintptr(o.Files[0]), unix.F_DUPFD_CLOEXEC, 0) // as the child inherits it
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(child)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	accepted := make(chan error)
	var c Conn
	time.AfterFunc(5*time.Millisecond, func() { // until then dial finds a full queue
		closeAll(strangers...)
		var err error
		c, err = o.Accept(ctx)
		accepted <- err
	})
	d, err := tk.dial()
	if err := errors.Join(err, <-accepted); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	defer d.Close()
	if _, err := d.Write([]byte("hi")); err != nil {
		t.Error(err)
	}
	if n, err := io.ReadFull(c, make([]byte, 2)); err != nil {
		t.Error(n, err)
	}
}
