//go:build !unix

package transport

import (
	"errors"
	"runtime"
)

// refuse returns a RefusedError for the named transport: on this system, processes do not inherit
// descriptors.
func refuse(transport string) error {
	return &RefusedError{transport, "worker processes need Linux or another Unix, not " + runtime.GOOS, errors.ErrUnsupported}
}

func openPipe() (*Offer, error)          { return nil, refuse("pipe") }
func openSocketPair() (*Offer, error)    { return nil, refuse("socketpair") }
func openSHM(SHMOptions) (*Offer, error) { return nil, refuse("shm") }
func openUnix(string) (*Offer, error)    { return nil, refuse("unix") }
func openTCP() (*Offer, error)           { return nil, refuse("tcp") }

// Adopt returns a [TicketError], since on this system processes do not inherit channels.
func Adopt(int) (Conn, error) { return nil, &TicketError{Err: errors.ErrUnsupported} }

func closeAll(...int) {}
