//go:build unix

package transport

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// Version is the version of the protocol by which two ends of a channel connect: the format of
// tickets, the messages that prove the secret, and the layout of shared memory.
const Version = 1

const magic = "payoff\r\n"

// A ticket holds the data that a child needs to open its end of the channel. Its encoding begins
// with a head: the magic, the version (u32) and the length of the rest (u32). The rest is Size
// (u32), Spin in ns (u64), Secret, Transport and Address. Each text is a length (u8) and its bytes.
type ticket struct {
	Transport string
	Address   string // path or port, for a transport that listens
	Secret    [secretLen]byte
	Size      int           // size of a ring in bytes
	Spin      time.Duration // see SHMOptions
}

const (
	ticketHead  = len(magic) + 8
	ticketFixed = 4 + 8 + secretLen
	ticketMost  = ticketFixed + 2*256
	ticketWait  = 5 * time.Second // enough, since the ticket is sent before the child starts
)

func (t ticket) encode() []byte {
	b := binary.LittleEndian.AppendUint32([]byte(magic), Version)
	b = binary.LittleEndian.AppendUint32(b, 0) // the length
	b = binary.LittleEndian.AppendUint32(b, uint32(t.Size))
	b = binary.LittleEndian.AppendUint64(b, uint64(t.Spin))
	b = append(b, t.Secret[:]...)
	for _, s := range []string{t.Transport, t.Address} {
		b = append(append(b, byte(len(s))), s...)
	}
	binary.LittleEndian.PutUint32(b[len(magic)+4:], uint32(len(b)-ticketHead))
	return b
}

// head checks b, the first bytes of an encoded ticket, which are its head. It returns the number of
// bytes that follow the head.
func (t *ticket) head(b []byte) (int, error) {
	if string(b[:len(magic)]) != magic {
		return 0, errors.New("not a payoff ticket")
	}
	if v := binary.LittleEndian.Uint32(b[len(magic):]); v != Version {
		return 0, &VersionError{Here: Version, There: v}
	}
	n := binary.LittleEndian.Uint32(b[len(magic)+4:])
	if n < ticketFixed || n > uint32(ticketMost) {
		return 0, fmt.Errorf("it is %d bytes long, not %d to %d", n, ticketFixed, ticketMost)
	}
	return int(n), nil
}

// decode decodes b, the bytes of an encoded ticket that follow its head.
func (t *ticket) decode(b []byte) error {
	if len(b) < ticketFixed {
		return io.ErrUnexpectedEOF
	}
	t.Size = int(int32(binary.LittleEndian.Uint32(b)))
	t.Spin = time.Duration(binary.LittleEndian.Uint64(b[4:]))
	copy(t.Secret[:], b[12:])
	b = b[ticketFixed:]
	for _, s := range []*string{&t.Transport, &t.Address} {
		if len(b) == 0 || len(b) < 1+int(b[0]) {
			return io.ErrUnexpectedEOF
		}
		*s, b = string(b[1:1+b[0]]), b[1+int(b[0]):]
	}
	if len(b) > 0 {
		return fmt.Errorf("%d bytes follow the end of the ticket", len(b))
	}
	return nil
}

// issue writes the ticket t to one of two connected sockets that it creates. It returns both
// sockets. The socket here stays in this process, and signals when the child has closed its own
// socket or has ended. The child inherits the other socket, called there, and reads the ticket from
// it.
func (t ticket) issue() (here, there int, err error) {
	here, there, err = socketPair()
	if err != nil {
		return -1, -1, err
	}
	b := t.encode()
	if n, err := unix.Write(here, b); err != nil || n < len(b) {
		closeAll(here, there)
		return -1, -1, errors.Join(err, fmt.Errorf("only %d bytes of the ticket were written", n))
	}
	return here, there, nil
}

// readTicket reads a ticket, the data that a child needs to open its end, from the descriptor fd.
func readTicket(fd int) (t ticket, err error) {
	x := exchange{fd: fd, until: time.Now().Add(ticketWait)}
	var b [ticketMost]byte
	if err := x.read(b[:ticketHead]); err != nil {
		return t, err
	}
	n, err := t.head(b[:])
	if err != nil {
		return t, err
	}
	if err := x.read(b[:n]); err != nil {
		return t, err
	}
	return t, t.decode(b[:n])
}

// Adopt returns the child's end of a channel. The argument first is the number of the first
// descriptor of the channel in the child. If this descriptor holds no ticket, Adopt returns a
// [TicketError]. Processes that the child starts do not inherit the channel's descriptors.
func Adopt(first int) (Conn, error) {
	return adopt([]int{first, first + 1, first + 2})
}

// adopt returns the child's end of the channel. The argument files lists the descriptors that the
// child may have inherited. The channel uses the first of them, as many as its transport needs.
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
		return nil, &TicketError{Err: fmt.Errorf("its transport %q is unknown, or needs more descriptors than were inherited", t.Transport)}
	}
	files = files[:n]
	for _, fd := range files[1:] {
		unix.CloseOnExec(fd)
	}
	c, err := t.take(files)
	if err != nil {
		closeAll(files...)
	}
	return c, wrap(t.Transport, "adopt", err)
}

// take returns a Conn that uses the descriptors in files. On success, the Conn owns some of the
// descriptors, and the others are closed. On an error, the caller must close all of them.
func (t ticket) take(files []int) (c Conn, err error) {
	switch t.Transport {
	case "pipe":
		c, err = newStream(files[1], files[2])
	case "socketpair":
		c, err = newStream(files[1], -1)
	case "shm":
		return t.takeSHM(files[0], files[1])
	default:
		c, err = t.dial()
	}
	if err != nil {
		return nil, err
	}
	unix.Close(files[0]) // signals to the parent that no other connection will come
	return c, nil
}
