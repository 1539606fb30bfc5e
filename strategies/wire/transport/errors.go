package transport

import (
	"errors"
	"fmt"
)

// A RefusedError is a transport that cannot do what it was asked for, here.
type RefusedError struct {
	Transport string
	Reason    string
}

func (e *RefusedError) Error() string { return fmt.Sprintf("transport %s: %s", e.Transport, e.Reason) }

// An OpenError is a system that did not let a transport do what it can do elsewhere: no
// descriptors or no memory left, a folder without permission.
type OpenError struct {
	Transport string
	Step      string
	Err       error
}

func (e *OpenError) Error() string {
	return fmt.Sprintf("transport %s: %s: %v", e.Transport, e.Step, e.Err)
}
func (e *OpenError) Unwrap() error { return e.Err }

// wrap makes err an OpenError unless it says by itself what a transport refuses.
func wrap(transport, step string, err error) error {
	var refused *RefusedError
	var address *AddressError
	var peer *PeerError
	if errors.As(err, &refused) || errors.As(err, &address) || errors.As(err, &peer) {
		return err
	}
	return &OpenError{Transport: transport, Step: step, Err: err}
}

// An AddressError is a path that is too long for a Unix socket.
type AddressError struct {
	Path string
	Most int // bytes
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("the name of a Unix socket takes at most %d bytes, and this one has %d: %s; choose a folder with a shorter name (TMPDIR)", e.Most, len(e.Path), e.Path)
}

// A PeerError is a peer that did not turn out to be the other end of this channel.
type PeerError struct {
	Transport string
	Err       error // ErrSilent, ErrStranger, ErrGone, a VersionError, or of the system
}

func (e *PeerError) Error() string { return fmt.Sprintf("transport %s: %v", e.Transport, e.Err) }
func (e *PeerError) Unwrap() error { return e.Err }

// What a peer may have done instead of answering.
var (
	ErrSilent   = errors.New("the peer did not say who it is in time")
	ErrStranger = errors.New("the peer does not know the secret, or does not speak this protocol")
	ErrGone     = errors.New("the peer went away before the channel was open")
)

// A VersionError is a peer that speaks another version of this package's protocol.
type VersionError struct{ Here, There uint32 }

func (e *VersionError) Error() string {
	return fmt.Sprintf("this side speaks version %d of the channel and the peer version %d; build both from the same sources", e.Here, e.There)
}

// A TicketError is a first descriptor from which no ticket can be read: the program was
// started by hand, or not by a program of payoff.
type TicketError struct{ Err error }

func (e *TicketError) Error() string { return fmt.Sprintf("no ticket of a channel: %v", e.Err) }
func (e *TicketError) Unwrap() error { return e.Err }
