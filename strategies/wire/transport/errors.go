package transport

import (
	"errors"
	"fmt"
)

// A RefusedError reports a transport that does not exist, an option that is invalid, or, with Err
// [errors.ErrUnsupported], a transport that this system does not support.
type RefusedError struct {
	Transport string
	Reason    string
	Err       error // errors.ErrUnsupported or nil
}

func (e *RefusedError) Error() string { return fmt.Sprintf("transport %s: %s", e.Transport, e.Reason) }

func (e *RefusedError) Unwrap() error { return e.Err }

// An OpenError reports a failure of the system while a channel is opened: no descriptors or memory
// left, or a folder without permission.
type OpenError struct {
	Transport string
	Step      string
	Err       error
}

func (e *OpenError) Error() string {
	return fmt.Sprintf("transport %s: %s: %v", e.Transport, e.Step, e.Err)
}
func (e *OpenError) Unwrap() error { return e.Err }

// wrap returns err as an OpenError. It returns nil and the other errors of this package unchanged.
func wrap(transport, step string, err error) error {
	_, refused := errors.AsType[*RefusedError](err)
	_, address := errors.AsType[*AddressError](err)
	_, peer := errors.AsType[*PeerError](err)
	if err == nil || refused || address || peer {
		return err
	}
	return &OpenError{Transport: transport, Step: step, Err: err}
}

// An AddressError reports a path that is too long for a Unix socket.
type AddressError struct {
	Path string
	Most int // bytes
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("the path of a Unix socket can have at most %d bytes, and this one has %d: %s; choose a folder with a shorter name (TMPDIR)", e.Most, len(e.Path), e.Path)
}

// A PeerError reports a peer that is not the other end of the channel, or did not open it.
type PeerError struct {
	Transport string
	Err       error // ErrSilent, ErrStranger, ErrGone, a VersionError, or an error of the system
}

func (e *PeerError) Error() string { return fmt.Sprintf("transport %s: %v", e.Transport, e.Err) }
func (e *PeerError) Unwrap() error { return e.Err }

// Failures of a peer before the channel is open.
var (
	ErrSilent   = errors.New("the peer did not prove its identity in time")
	ErrStranger = errors.New("the peer does not know the secret, or does not speak this protocol")
	ErrGone     = errors.New("the peer went away before the channel was open")
)

// A VersionError reports that the peer speaks another version of this package's protocol.
type VersionError struct{ Here, There uint32 }

func (e *VersionError) Error() string {
	return fmt.Sprintf("this side speaks version %d of the channel and the peer version %d; build both from the same sources", e.Here, e.There)
}

// A TicketError reports that the first descriptor has no ticket: no program of payoff started this
// process.
type TicketError struct{ Err error }

func (e *TicketError) Error() string { return fmt.Sprintf("no channel ticket: %v", e.Err) }
func (e *TicketError) Unwrap() error { return e.Err }
