//go:build unix

package transport

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"
)

// A process that connects to a listening transport first proves that it has the secret of the
// channel; then the listener proves that it has the secret too. The secret comes from the ticket
// and is never sent. Messages have fixed sizes, so that a byte from an unknown process is never
// used as a length:
//
//	listener: hello = magic, version u32, nonce
//	dialler:  hello, HMAC-SHA256(secret, "dialler", version, both nonces)
//	listener: HMAC-SHA256(secret, "listener", version, both nonces)
//
// The nonces are new for each connection, so a proof cannot be used again. A proof depends on the
// role, so a process cannot send back the proof of the other side as its own.

const (
	secretLen = 32
	nonceLen  = 32
	helloHead = len(magic) + 4
	helloLen  = helloHead + nonceLen
)

func proof(secret [secretLen]byte, role string, listener, dialler []byte) []byte {
	h := hmac.New(sha256.New, secret[:])
	h.Write([]byte(role))
	h.Write(binary.LittleEndian.AppendUint32([]byte{0}, Version))
	h.Write(listener)
	h.Write(dialler)
	return h.Sum(nil)
}

// hello returns the first message of one side. The message contains a new nonce, a random number
// that is used once.
func hello() []byte {
	b := binary.LittleEndian.AppendUint32([]byte(magic), Version)
	b = append(b, make([]byte, nonceLen)...)
	rand.Read(b[helloHead:]) // never fails
	return b
}

// readHello reads the first message of the peer, and returns its nonce, a random number that is
// used once.
func (x exchange) readHello() ([]byte, error) {
	b := make([]byte, helloLen)
	if err := x.read(b[:helloHead]); err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(b, []byte(magic)) {
		return nil, ErrStranger
	}
	if v := binary.LittleEndian.Uint32(b[len(magic):]); v != Version {
		return nil, &VersionError{Here: Version, There: v}
	}
	return b[helloHead:], x.read(b[helloHead:])
}

// readProof reads the proof of the peer. It returns an error if the proof differs from want.
func (x exchange) readProof(want []byte) error {
	got := make([]byte, len(want))
	if err := x.read(got); err != nil {
		return err
	}
	if !hmac.Equal(got, want) {
		return ErrStranger
	}
	return nil
}

// admit reads the peer's proof that it has the secret, checks it, and then sends this side's own
// proof. The side that listens for connections calls admit; the side that connects calls enter. If
// admit returns an error, the peer must not be used.
func (x exchange) admit(secret [secretLen]byte) error {
	mine := hello()
	if err := x.write(mine); err != nil {
		return err
	}
	theirs, err := x.readHello()
	if err != nil {
		return err
	}
	if err := x.readProof(proof(secret, "dialler", mine[helloHead:], theirs)); err != nil {
		return err
	}
	return x.write(proof(secret, "listener", mine[helloHead:], theirs))
}

// enter sends this side's proof that it has the secret, and then checks the proof of the peer. The
// side that connects calls enter; the side that listens calls admit. If enter returns an error, the
// peer must not be used.
func (x exchange) enter(secret [secretLen]byte) error {
	theirs, err := x.readHello()
	if err != nil {
		return err
	}
	mine := hello()
	answer := append(mine, proof(secret, "dialler", theirs, mine[helloHead:])...)
	if err := x.write(answer); err != nil {
		return err
	}
	return x.readProof(proof(secret, "listener", theirs, mine[helloHead:]))
}

// An exchange transfers the messages by which two processes prove to each other that they have a
// secret. All messages go over the socket fd. They share one deadline, the field until, so a slow
// peer cannot prolong the exchange.
type exchange struct {
	fd    int
	until time.Time
}

// read reads len(p) bytes into p.
func (x exchange) read(p []byte) error { return x.transfer(p, unix.POLLIN, unix.Read) }

func (x exchange) write(p []byte) error { return x.transfer(p, unix.POLLOUT, unix.Write) }

// transfer reads or writes all bytes of p. Again and again it waits until one of the given events
// occurs on the socket, and then calls the function move. Each call of move transfers as many bytes
// as are possible without waiting.
func (x exchange) transfer(p []byte, events int16, move func(int, []byte) (int, error)) error {
	for len(p) > 0 {
		left := time.Until(x.until)
		if left <= 0 {
			return ErrSilent
		}
		ready, err := wait(x.fd, events, left)
		if err != nil {
			return err
		}
		if !ready {
			continue
		}
		n, err := move(x.fd, p)
		switch {
		case err == unix.EINTR, err == unix.EAGAIN:
		case err == unix.ECONNRESET, err == unix.EPIPE, err == nil && n == 0:
			return ErrGone
		case err != nil:
			return err
		default:
			p = p[n:]
		}
	}
	return nil
}
