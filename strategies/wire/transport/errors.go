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

// An OpenError reports that the system could not open a channel. Possible reasons are a lack of
// descriptors or memory, and a folder that this user may not write to.
type OpenError struct {
	Transport string
	Step      string
	Err       error
}

func (e *OpenError) Error() string {
	return fmt.Sprintf("transport %s: %s: %v", e.Transport, e.Step, e.Err)
}
func (e *OpenError) Unwrap() error { return e.Err }

// wrap returns err as an [OpenError] that names the transport and the step. It returns err
// unchanged if err is nil, a [RefusedError], an [AddressError] or a [PeerError].
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

// A PeerError reports that an unexpected process has connected, or that the channel to the expected
// process could not be opened.
type PeerError struct {
	Transport string
	Err       error // ErrSilent, ErrStranger, ErrGone, a VersionError, or an error of the system
}

func (e *PeerError) Error() string { return fmt.Sprintf("transport %s: %v", e.Transport, e.Err) }
func (e *PeerError) Unwrap() error { return e.Err }

// The reasons in a PeerError, apart from versions and errors of the system.
var (
	ErrSilent   = errors.New("the peer did not prove its identity in time")
	ErrStranger = errors.New("the peer does not know the secret, or does not speak this protocol")
	ErrGone     = errors.New("the peer went away before the channel was open")
)

// A VersionError reports that the two ends use different versions of this package's protocol.
type VersionError struct{ Here, There uint32 }

func (e *VersionError) Error() string {
	return fmt.Sprintf("this side uses version %d of the channel protocol, and the peer uses version %d; build both from the same sources", e.Here, e.There)
}

// A TicketError reports that the inherited descriptor holds no valid ticket (the data that a child
// needs to connect). In most cases, the process was not started by a program that uses this
// package.
type TicketError struct{ Err error }

func (e *TicketError) Error() string { return fmt.Sprintf("invalid channel ticket: %v", e.Err) }
func (e *TicketError) Unwrap() error { return e.Err }
