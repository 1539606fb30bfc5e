package transport

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Adopt takes the child's end of the channel whose descriptors were inherited from number
// first on: a [TicketError] if there is none. The descriptors are closed or kept from
// processes that this one starts.
func Adopt(first int) (Conn, error) {
	return adopt([]int{first, first + 1, first + 2})
}

// adopt takes the channel of files, of which as many are looked at as the transport has.
func adopt(files []int) (Conn, error) {
	var st unix.Stat_t
	if err := unix.Fstat(files[0], &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return nil, &TicketError{Err: fmt.Errorf("descriptor %d is not a socket", files[0])}
	}
	unix.CloseOnExec(files[0])
	t, err := readTicket(files[0])
	if err != nil {
		return nil, &TicketError{Err: err}
	}
	n := map[string]int{"pipe": 3, "socketpair": 2, "shm": 2, "unix": 1, "tcp": 1}[t.Transport]
	if n == 0 || n > len(files) {
		return nil, &TicketError{Err: fmt.Errorf("it names the transport %q", t.Transport)}
	}
	files = files[:n]
	for _, fd := range files[1:] {
		unix.CloseOnExec(fd)
	}
	c, err := t.take(files)
	if err != nil {
		closeAll(files...)
		return nil, wrap(t.Transport, "adopt", err)
	}
	return c, nil
}

// take makes a Conn of the files, which it closes or keeps unless there is an error.
func (t ticket) take(files []int) (Conn, error) {
	switch t.Transport {
	case "pipe":
		c, err := newStream(files[1], files[2])
		if err != nil {
			return nil, err
		}
		unix.Close(files[0])
		return c, nil
	case "socketpair":
		c, err := newSocket(files[1])
		if err != nil {
			return nil, err
		}
		unix.Close(files[0])
		return c, nil
	case "shm":
		return t.takeSHM(files[0], files[1])
	}
	c, err := t.dial()
	if err != nil {
		return nil, err
	}
	unix.Close(files[0]) // the parent sees that nobody else will come
	return c, nil
}
