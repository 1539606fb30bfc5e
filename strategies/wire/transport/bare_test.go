//go:build unix

package transport

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// bareChild is a child process that reads bytes from descriptor 3 and writes them to descriptor 4.
// It uses only system calls, without this package.
func bareChild() error {
	b := make([]byte, 64<<10)
	for {
		n, err := unix.Read(first, b)
		if n == 0 && err == nil {
			return nil
		}
		if err == nil {
			_, err = unix.Write(first+1, b[:n])
		}
		if err != nil && err != unix.EINTR {
			return err
		}
	}
}

// bare starts a child process whose connection is of the same kind as that of the named transport.
// It returns a function that sends a message to the child and receives the answer. It uses only
// system calls, without this package.
func bare(b *testing.B, name string) (trip func([]byte) error) {
	b.Helper()
	if name == "shm" {
		return bareFutex(b)
	}
	var in, out int
	var theirIn, theirOut int
	var err error
	switch name {
	case "pipe":
		in, theirOut, err = pipe()
		if err == nil {
			theirIn, out, err = pipe()
		}
	case "socketpair":
		in, theirIn, err = socketPair()
		out, theirOut = in, theirIn
	default:
		in, theirIn, err = connected(name, b.TempDir())
		out, theirOut = in, theirIn
	}
	if err != nil {
		b.Fatal(err)
	}
	start(b, []int{theirIn, theirOut}, "bare")
	closeAll(theirIn)
	if theirOut != theirIn {
		closeAll(theirOut)
	}
	b.Cleanup(func() {
		closeAll(out)
		if in != out {
			closeAll(in)
		}
	})
	return func(msg []byte) error { return bareTrip(in, out, msg) }
}

// connected returns two sockets, a and b, that are connected through a listener of the named
// transport.
func connected(name, dir string) (a, b int, err error) {
	address := "0"
	if name == "unix" {
		address = dir + "/s"
	}
	l, err := socket(families[name])
	if err != nil {
		return -1, -1, err
	}
	defer closeAll(l)
	if address, err = bind(l, name, address); err != nil {
		return -1, -1, err
	}
	if err := unix.Listen(l, 1); err != nil {
		return -1, -1, err
	}
	if a, err = socket(families[name]); err != nil {
		return -1, -1, err
	}
	at, err := socketAddress(name, address)
	if err == nil {
		if err = unix.Connect(a, at); err == unix.EINPROGRESS {
			err = nil
		}
	}
	if err == nil {
		_, err = wait(l, unix.POLLIN, -1)
	}
	if err == nil {
		b, err = acceptSocket(l)
	}
	for _, fd := range []int{a, b} {
		if err == nil {
			err = unix.SetNonblock(fd, false)
		}
		if err == nil && name == "tcp" {
			err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		}
	}
	return a, b, err
}

// bareTrip writes the message b to out and reads the answer from in.
func bareTrip(in, out int, b []byte) error {
	if _, err := unix.Write(out, b); err != nil {
		return err
	}
	for got := 0; got < len(b); {
		n, err := unix.Read(in, b[got:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return fmt.Errorf("read %d: %w", n, err)
		}
		got += n
	}
	return nil
}
