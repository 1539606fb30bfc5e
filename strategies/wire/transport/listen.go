//go:build unix

package transport

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	dialPatience = 10 * time.Second // how long dialling may take; the listener may have to serve unknown processes first
	mostPeers    = 8                // largest number of peers that prove their identity at the same time
	backlogLen   = 64
)

// patience is how long a peer may take to prove that it has the secret. It is a variable for tests.
var patience = 2 * time.Second

// A listener waits for connections. It accepts only one peer: the first that proves that it has the
// secret of the channel.
type listener struct {
	transport string
	fd        int
	here      int // parent's end of the ticket's socket; it signals when the child is gone or has connected
	secret    [secretLen]byte
	close     func()
}

func openUnix(dir string) (*Offer, error) {
	folder, err := os.MkdirTemp(dir, "payoff-")
	if err != nil {
		return nil, err
	}
	return listen("unix", filepath.Join(folder, "s"), func() { os.RemoveAll(folder) })
}

func openTCP() (*Offer, error) { return listen("tcp", "0", func() {}) }

// listen opens a socket that listens on address, and returns the Offer of a channel over this
// socket. The function clean removes the files of the socket.
func listen(transport, address string, clean func()) (*Offer, error) {
	fd, err := socket(families[transport])
	if err != nil {
		clean()
		return nil, err
	}
	l := &listener{transport: transport, fd: fd, here: -1}
	l.close = sync.OnceFunc(func() {
		closeAll(l.fd, l.here)
		clean()
	})
	there := -1
	if address, err = bind(fd, transport, address); err == nil {
		err = unix.Listen(fd, backlogLen)
	}
	if err == nil {
		rand.Read(l.secret[:]) // never fails
		l.here, there, err = ticket{Transport: transport, Address: address, Secret: l.secret}.issue()
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return &Offer{Files: []int{there}, accept: l.accept, cancel: l.close}, nil
}

// bind binds the socket fd to address. It returns the actual address, since the system chooses the
// port of a TCP socket.
func bind(fd int, transport, address string) (string, error) {
	at, err := socketAddress(transport, address)
	if err != nil {
		return "", err
	}
	if err := unix.Bind(fd, at); err != nil {
		return "", err
	}
	if transport == "unix" {
		return address, nil
	}
	if at, err = unix.Getsockname(fd); err != nil {
		return "", err
	}
	inet, ok := at.(*unix.SockaddrInet4)
	if !ok {
		return "", errors.New("the socket has no port")
	}
	return strconv.Itoa(inet.Port), nil
}

// A proved is the result of checking the peer that is connected to the socket fd. The field err is
// nil if the peer has proved that it has the secret.
type proved struct {
	fd  int
	err error
}

// accept waits for a peer that proves that it has the secret of the channel, and returns the
// connection to this peer. It checks several peers at the same time, each for a limited time. So
// unknown processes cannot prevent the right peer from connecting.
func (l *listener) accept(ctx context.Context) (c Conn, err error) {
	defer func() { err = wrap(l.transport, "accept", err) }()
	wakeR, wakeW, err := pipe()
	if err != nil {
		return nil, err
	}
	unix.SetNonblock(wakeR, true)
	ring := func() { unix.Write(wakeW, []byte{1}) }
	rang := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { ring(); close(rang) })
	peers := map[int]bool{}
	results := make(chan proved, mostPeers)
	var proving sync.WaitGroup
	defer func() {
		if !stop() {
			<-rang
		}
		for fd := range peers {
			unix.Shutdown(fd, unix.SHUT_RDWR)
		}
		proving.Wait()
		closeAll(slices.Collect(maps.Keys(peers))...)
		closeAll(wakeR, wakeW)
		l.close()
	}()

	last, alone := error(ErrGone), false // alone: the child will make no more connections
	for {
		select {
		case p := <-results:
			delete(peers, p.fd)
			if p.err == nil {
				return newPeer(l.transport, p.fd, nil)
			}
			closeAll(p.fd)
			last = p.err
			continue
		default:
		}
		if err := context.Cause(ctx); err != nil {
			if last == ErrGone {
				last = nil // no peer has connected yet
			}
			return nil, &PeerError{Transport: l.transport, Err: errors.Join(err, last)}
		}
		if alone && len(peers) == 0 {
			return nil, &PeerError{Transport: l.transport, Err: last}
		}
		more, gone, err := l.poll(wakeR, len(peers) < mostPeers && !alone, !alone)
		if err != nil {
			return nil, err
		}
		alone = alone || gone
		if !more {
			continue
		}
		fd, err := acceptSocket(l.fd)
		switch {
		case err == unix.EAGAIN || err == unix.EINTR || err == unix.ECONNABORTED:
			continue
		case err != nil:
			return nil, err
		}
		peers[fd] = true
		proving.Go(func() {
			x := exchange{fd: fd, until: time.Now().Add(patience)}
			results <- proved{fd, x.admit(l.secret)}
			ring()
		})
	}
}

// poll waits for a wake-up through the descriptor wake and, if requested, for two other events:
//
//   - If peers is true, poll waits for a connection, and then returns peer = true.
//   - If child is true, poll waits until the child closes the socket from which it has read its
//     ticket, or ends. It then returns gone = true.
func (l *listener) poll(wake int, peers, child bool) (peer, gone bool, err error) {
	fds := []unix.PollFd{{Fd: int32(wake), Events: unix.POLLIN}, {Fd: -1, Events: unix.POLLIN}, {Fd: -1, Events: unix.POLLIN}}
	if peers {
		fds[1].Fd = int32(l.fd)
	}
	if child {
		fds[2].Fd = int32(l.here)
	}
	if _, err := unix.Poll(fds, -1); err == unix.EINTR {
		return false, false, nil
	} else if err != nil {
		return false, false, err
	}
	if fds[0].Revents != 0 {
		var b [mostPeers + 1]byte
		unix.Read(wake, b[:])
	}
	return fds[1].Revents != 0, fds[2].Revents != 0, nil
}

// newPeer returns a Conn that uses the connected socket fd. If err is not nil, or newPeer itself
// fails, it closes the socket and returns the error.
func newPeer(transport string, fd int, err error) (Conn, error) {
	if transport != "tcp" {
		widenSocket(fd) // TCP sizes its buffers itself
	} else if err == nil {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	if err == nil {
		var s *stream
		if s, err = newStream(fd, -1); err == nil {
			return s, nil
		}
	}
	closeAll(fd)
	return nil, err
}
