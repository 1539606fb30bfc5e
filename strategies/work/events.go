package work

import (
	"errors"
	"fmt"
	"time"
)

// Events lets a task of an event loop wait for timers, descriptors and other goroutines. The
// methods return at once. The loop calls the functions later on its own goroutine, one at a
// time, and never after the task has ended. Only Post is safe on other goroutines.
//
// When the context of the task ends, the loop calls every waiting function at once with the
// cause, so a task needs no goroutine to watch its context. This does not reach a task that
// waits only for a Post of another goroutine; such a task can post by [context.AfterFunc].
//
// A function that panics or ends its goroutine fails the task, unless the task has its outcome
// already. A function that blocks delays every other task of the loop.
type Events interface {
	// After calls f with nil after d, or with the cause if the context of the task ends first.
	After(d time.Duration, f func(error))
	// Readable calls f with nil when the descriptor fd of a pipe, socket or terminal is
	// readable or at its end, or with the cause if the context of the task ends first. It calls
	// f with a [PollError] if the loop cannot wait for fd; on systems other than Linux that
	// error wraps [ErrNoPoller]. Only one call at a time may wait for a descriptor, which must
	// stay open until then.
	Readable(fd int, f func(error))
	// Writable is like Readable, for writing.
	Writable(fd int, f func(error))
	// Post calls f soon. It is safe on any goroutine, and does nothing after the task has ended.
	Post(f func())
}

// A PollError reports a descriptor that a loop cannot wait for.
type PollError struct {
	FD  int
	Err error
}

func (e *PollError) Error() string { return fmt.Sprintf("wait for descriptor %d: %v", e.FD, e.Err) }
func (e *PollError) Unwrap() error { return e.Err }

// ErrNoPoller reports a wait for a descriptor on a system other than Linux.
var ErrNoPoller = errors.New("waiting for descriptors needs Linux")
