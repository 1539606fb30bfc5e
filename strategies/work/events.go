package work

import (
	"errors"
	"fmt"
	"time"
)

// Events are the things that a task of an event loop can wait for. The methods return at
// once; the loop calls the functions later on its goroutine, one at a time, and never after
// the task has ended. Only Post may be called on other goroutines.
//
// When the context of the task ends, the loop calls every waiting function at once with the
// cause, so no task needs a goroutine to see that. A task that waits only for a Post of
// another goroutine sees nothing of it; it can post by [context.AfterFunc].
//
// A function that panics or ends its goroutine fails the task, unless the task is done. A
// function that blocks holds up every other task of the loop.
type Events interface {
	// After calls f with nil when d has passed, or with the cause when the context of the
	// task ends first.
	After(d time.Duration, f func(error))
	// Readable calls f with nil when descriptor fd, of a pipe, a socket or a terminal, can
	// be read or is at its end, or with the cause when the context of the task ends first.
	// A descriptor that cannot be waited for is a [PollError]. One call at a time may wait
	// for a descriptor, which must stay open until then. On systems other than Linux the
	// error is [ErrNoPoller].
	Readable(fd int, f func(error))
	// Writable is Readable for writing.
	Writable(fd int, f func(error))
	// Post calls f soon. It is safe on any goroutine, and does nothing once the task has
	// ended.
	Post(f func())
}

// A PollError reports a descriptor that cannot be waited for.
type PollError struct {
	FD  int
	Err error
}

func (e *PollError) Error() string { return fmt.Sprintf("wait for descriptor %d: %v", e.FD, e.Err) }
func (e *PollError) Unwrap() error { return e.Err }

// ErrNoPoller reports a wait for a descriptor on a system without a known poller.
var ErrNoPoller = errors.New("descriptors can be waited for on Linux only")
