package transport

import "golang.org/x/sys/unix"

// SocketPair returns the transport over a pair of connected Unix stream sockets.
func SocketPair() Transport {
	return Transport{Name: "socketpair", Doc: "a pair of Unix stream sockets", open: openSocketPair}
}

func openSocketPair() (*Offer, error) {
	here, there, err := ticket{Transport: "socketpair"}.issue()
	if err != nil {
		return nil, err
	}
	closeAll(here)
	a, b, err := socketPair()
	if err != nil {
		closeAll(there)
		return nil, err
	}
	o := &Offer{Files: []int{there, b}}
	widenSocket(a)
	widenSocket(b)
	s, err := newSocket(a)
	if err != nil {
		closeAll(a)
		o.Close()
		return nil, err
	}
	o.conn = s
	return o, nil
}

// widenSocket asks for a larger buffer. A system may give less; then the socket stays as
// it is.
func widenSocket(fd int) {
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, bufferSize)
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, bufferSize)
}
