//go:build unix

package transport

import (
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

var families = map[string]int{"unix": unix.AF_UNIX, "tcp": unix.AF_INET}

// socketAddress returns the socket address for address, which is a path or a port, depending on the
// transport.
func socketAddress(transport, address string) (unix.Sockaddr, error) {
	if transport == "unix" {
		if most := len(unix.RawSockaddrUnix{}.Path) - 1; len(address) > most {
			return nil, &AddressError{Path: address, Most: most}
		}
		return &unix.SockaddrUnix{Name: address}, nil
	}
	port, err := strconv.ParseUint(address, 10, 16)
	return &unix.SockaddrInet4{Port: int(port), Addr: [4]byte{127, 0, 0, 1}}, err
}

// dial connects to the address in the ticket. Each side then proves to the other that it has the
// secret.
func (t ticket) dial() (Conn, error) {
	at, err := socketAddress(t.Transport, t.Address)
	if err != nil {
		return nil, err
	}
	fd, err := socket(families[t.Transport])
	if err != nil {
		return nil, err
	}
	x := exchange{fd: fd, until: time.Now().Add(dialPatience)}
	if err = x.connect(at); err == nil {
		if err = x.enter(t.Secret); err != nil {
			err = &PeerError{Transport: t.Transport, Err: err}
		}
	}
	return newPeer(t.Transport, fd, err)
}

// callAgain is the delay before the next attempt to connect if the queue of the listener was full.
const callAgain = time.Millisecond

func (x exchange) connect(at unix.Sockaddr) error {
	err := unix.Connect(x.fd, at)
	for err == unix.EAGAIN && time.Until(x.until) > 0 { // only a Unix socket returns EAGAIN; no event signals room in the queue
		time.Sleep(callAgain)
		err = unix.Connect(x.fd, at)
	}
	if err != unix.EINPROGRESS && err != unix.EINTR {
		return err
	}
	if _, err := wait(x.fd, unix.POLLOUT, time.Until(x.until)); err != nil {
		return err
	}
	failed, err := unix.GetsockoptInt(x.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && failed != 0 {
		err = syscall.Errno(failed)
	}
	return err
}
