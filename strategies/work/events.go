package work

import (
	"errors"
	"fmt"
	"time"
)

// Events lets a task of an event loop wait for timers, descriptors and other goroutines. The
// methods return at once. Each method takes a function, which the loop calls later on its own
// goroutine: one function at a time, and none of a task that has ended. Only Post may be called on
// other goroutines.
//
// When the context of the task ends, the loop calls every function that waits for a timer or a
// descriptor, at once and with the cause. A task therefore needs no goroutine to watch its context.
// There is one exception: a task that waits only for a Post from another goroutine has no such
// function. It can pass a function that calls Post to [context.AfterFunc].
//
// If a function panics or ends its goroutine, the task fails with a [CallbackError], unless it
// already has its outcome. A function that blocks delays every other task of the loop.
type Events interface {
	// After calls f with nil after d. If the context of the task ends first, it calls f with the
	// cause.
	After(d time.Duration, f func(error))
	// Readable calls f with nil when the descriptor fd of a pipe, socket or terminal is readable or
	// at its end. If the context of the task ends first, it calls f with the cause. If the loop
	// cannot wait for fd, it calls f with a [PollError], which wraps [ErrNoPoller] on systems other
	// than Linux. Only one call at a time may wait for a descriptor, and the descriptor must stay
	// open until f is called.
	Readable(fd int, f func(error))
	// Writable is like Readable, but waits until fd is writable.
	Writable(fd int, f func(error))
	// Post calls f soon. It is safe on any goroutine. After the task has ended it does nothing.
	Post(f func())
}

// A PollError reports a descriptor that an event loop cannot wait for.
type PollError struct {
	FD  int
	Err error
}

func (e *PollError) Error() string { return fmt.Sprintf("wait for descriptor %d: %v", e.FD, e.Err) }
func (e *PollError) Unwrap() error { return e.Err }

// ErrNoPoller is the error of a wait for a descriptor on a system other than Linux.
var ErrNoPoller = errors.New("waiting for descriptors needs Linux")
