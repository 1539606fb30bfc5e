//go:build unix

package transport

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// ends returns two exchanges over connected sockets, with a deadline in 20 s.
func ends(t *testing.T) (a, b exchange) {
	x, y, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeAll(x, y) })
	until := time.Now().Add(20 * time.Second)
	return exchange{x, until}, exchange{y, until}
}

var secret = [secretLen]byte{1, 2, 3}

// TestStrangers checks that the listening side and the connecting side both reject peers that do
// not have the secret of the channel.
func TestStrangers(t *testing.T) {
	other := binary.LittleEndian.AppendUint32([]byte(magic), Version+1)
	var version *VersionError
	tests := []struct {
		name string
		peer func(x exchange) // closes the socket or leaves it open
		want any
	}{
		{"gone", func(x exchange) { unix.Shutdown(x.fd, unix.SHUT_RDWR) }, ErrGone},
		{"cut short", func(x exchange) { x.write(hello()[:20]); unix.Shutdown(x.fd, unix.SHUT_WR) }, ErrGone},
		{"garbage", func(x exchange) { x.write([]byte(strings.Repeat("GET / HTTP/1.1\r\n", 20))) }, ErrStranger},
		{"other version", func(x exchange) { x.write(other) }, &version},
		{"no proof", func(x exchange) { x.write(append(hello(), make([]byte, 32)...)) }, ErrStranger},
		{"echo", func(x exchange) {
			b := make([]byte, helloLen)
			x.read(b)
			x.write(b)
			b = make([]byte, 32)
			if x.read(b) == nil {
				x.write(b)
			} else {
				unix.Shutdown(x.fd, unix.SHUT_RDWR)
			}
		}, nil},
		{"other secret", func(x exchange) {
			mine := hello()
			x.write(mine)
			theirs, _ := x.readHello()
			x.write(proof([secretLen]byte{9}, "dialler", theirs, mine[helloHead:]))
		}, ErrStranger},
	}
	for _, test := range tests {
		for side, talk := range map[string]func(exchange, [secretLen]byte) error{"listener": exchange.admit, "dialler": exchange.enter} {
			here, there := ends(t)
			left := make(chan struct{})
			go func() {
				defer close(left)
				test.peer(there)
			}()
			if test.name == "echo" {
				here.until = time.Now().Add(100 * time.Millisecond)
			}
			err := talk(here, secret)
			unix.Shutdown(here.fd, unix.SHUT_RDWR) // ends a peer that waits for more
			<-left
			var ok bool
			switch want := test.want.(type) {
			case error:
				ok = errors.Is(err, want)
			case **VersionError:
				ok = errors.As(err, want) && (*want).There == Version+1
			case nil:
				ok = err != nil
			}
			if !ok {
				t.Errorf("%s: got error %v from the %s", test.name, err, side)
			}
		}
	}
	a, b := ends(t)
	done := make(chan error)
	go func() { done <- a.admit(secret) }()
	if err := errors.Join(b.enter(secret), <-done); err != nil {
		t.Errorf("peer with the secret: got error %v, want none", err)
	}
	a, _ = ends(t)
	a.until = time.Now()
	if err := a.admit(secret); err != ErrSilent {
		t.Errorf("silent peer: got error %v, want ErrSilent", err)
	}
}

// knock connects to the listener at the given address, as a process without the secret, and returns
// the socket. The argument tr is the name of the transport.
func knock(t *testing.T, tr, address string) int {
	fd, err := socket(families[tr])
	if err != nil {
		t.Fatal(err)
	}
	at, err := socketAddress(tr, address)
	if err == nil {
		err = (exchange{fd, time.Now().Add(10 * time.Second)}).connect(at)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeAll(fd) })
	return fd
}

func openListener(t *testing.T, tr string) (*Offer, ticket) {
	t.Helper()
	var o *Offer
	var err error
	if tr == "unix" {
		o, err = openUnix(t.TempDir())
	} else {
		o, err = openTCP()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	tk, err := readTicket(o.Files[0])
	if err != nil {
		t.Fatal(err)
	}
	return o, tk
}

// TestCrowd checks that a child can connect although many processes without the secret are
// connected: more than the listener checks at a time. Most of them are silent, and some send
// garbage. The child must connect once some of them leave.
func TestCrowd(t *testing.T) {
	for _, tr := range []string{"unix", "tcp"} {
		before := descriptors(t)
		o, tk := openListener(t, tr)
		var strangers []int
		for range mostPeers + 3 {
			loud := knock(t, tr, tk.Address)
			unix.Write(loud, []byte(strings.Repeat("x", helloLen)))
			strangers = append(strangers, loud, knock(t, tr, tk.Address))
		}
		child, err := unix.FcntlInt(uintptr(o.Files[0]), unix.F_DUPFD_CLOEXEC, 0) // as the child inherits it
		if err != nil {
			t.Fatal(err)
		}
		accepted := make(chan error)
		var c Conn
		go func() {
			var err error
			c, err = o.Accept(context.Background())
			accepted <- err
		}()
		dialled := make(chan error)
		var d Conn
		go func() {
			var err error
			d, err = tk.dial()
			dialled <- err
		}()
		for _, fd := range strangers {
			unix.Shutdown(fd, unix.SHUT_RDWR)
		}
		err = <-dialled
		if err != nil {
			t.Fatal(tr, err)
		}
		closeAll(child)
		if err := <-accepted; err != nil {
			t.Fatal(tr, err)
		}
		if _, err := d.Write([]byte("hi")); err != nil {
			t.Error(tr, err)
		}
		if n, err := c.Read(make([]byte, 10)); n != 2 || err != nil {
			t.Error(tr, n, err)
		}
		c.Close()
		d.Close()
		closeAll(strangers...)
		if after := descriptors(t); after != before {
			t.Errorf("%s: %d descriptors before, %d after", tr, before, after)
		}
	}
}

func TestNobodyCame(t *testing.T) {
	defer func(was time.Duration) { patience = was }(patience)
	patience = 10 * time.Millisecond
	for _, tr := range []string{"unix", "tcp"} {
		var peer *PeerError
		o, _ := openListener(t, tr)
		if _, err := o.Accept(context.Background()); !errors.As(err, &peer) || !errors.Is(err, ErrGone) {
			t.Errorf("%s: child that has ended: got error %v, want ErrGone", tr, err)
		}
		o, tk := openListener(t, tr)
		knock(t, tr, tk.Address)
		if _, err := o.Accept(context.Background()); !errors.As(err, &peer) || !errors.Is(err, ErrSilent) {
			t.Errorf("%s: silent peer: got error %v, want ErrSilent", tr, err)
		}
		o, _ = openListener(t, tr)
		child, err := unix.FcntlInt(uintptr(o.Files[0]), unix.F_DUPFD_CLOEXEC, 0) // the child lives, and does nothing
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(errors.New("enough"))
		if _, err := o.Accept(ctx); !errors.As(err, &peer) || !strings.Contains(err.Error(), "enough") {
			t.Errorf("%s: context that has ended: got error %v, want its cause", tr, err)
		}
		closeAll(child)
	}
}

func TestNamed(t *testing.T) {
	for _, want := range All() {
		if tr, err := Named(want.Name); tr.Name != want.Name || err != nil {
			t.Errorf("Named(%q): got %q and error %v", want.Name, tr.Name, err)
		}
	}
	var refused *RefusedError
	if _, err := Named("pigeon"); !errors.As(err, &refused) || !strings.Contains(err.Error(), "socketpair") {
		t.Errorf("unknown transport: got error %v, want a RefusedError that lists the transports", err)
	}
}

func TestUnixFolder(t *testing.T) {
	dir := t.TempDir()
	o, err := Unix(dir).Open()
	if err != nil {
		t.Fatal(err)
	}
	folders, _ := os.ReadDir(dir)
	if len(folders) != 1 {
		t.Fatal(folders)
	}
	if info, err := folders[0].Info(); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder of the socket: got mode %v and error %v, want mode 0700", info.Mode(), err)
	}
	o.Close()
	if folders, _ = os.ReadDir(dir); len(folders) > 0 {
		t.Errorf("got folders %v after Close, want none", folders)
	}

	long := filepath.Join(dir, strings.Repeat("long", 30))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	var address *AddressError
	if _, err := Unix(long).Open(); !errors.As(err, &address) || !strings.Contains(err.Error(), "TMPDIR") {
		t.Errorf("path that is too long: got error %v, want an AddressError", err)
	}
	if left, _ := os.ReadDir(long); len(left) > 0 {
		t.Errorf("got files %v after a failed Open, want none", left)
	}
	var open *OpenError
	if _, err := Unix(filepath.Join(dir, "missing")).Open(); !errors.As(err, &open) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing folder: got error %v, want an OpenError", err)
	}
}
