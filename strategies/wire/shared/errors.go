package shared

import (
	"errors"
	"fmt"
)

// A FullError reports that an arena has no room for a buffer of Need bytes. The longest free range
// of the arena has Free bytes.
type FullError struct {
	Need, Free, Size int   // in bytes; Size is the size of the arena
	Err              error // why the wait for room ended: the cause of the context, or an error of the system
}

func (e *FullError) Error() string {
	return fmt.Sprintf("no room for a buffer of %d bytes in the arena of %d, whose longest free range has %d; free buffers earlier or enlarge Config.Arena: %v", e.Need, e.Size, e.Free, e.Err)
}
func (e *FullError) Unwrap() error { return e.Err }

// A SizeError reports a buffer that is larger than its whole arena.
type SizeError struct{ Need, Size int }

func (e *SizeError) Error() string {
	return fmt.Sprintf("a buffer of %d bytes is larger than the arena, which has %d; enlarge Config.Arena", e.Need, e.Size)
}

// A FreedError reports the use of a buffer after a call of Free.
type FreedError struct{ Len int }

func (e *FreedError) Error() string {
	return fmt.Sprintf("the buffer of %d bytes was freed before; free a buffer once, after its last use", e.Len)
}

// ErrEnded is the error of a buffer that a kernel in a worker process uses after the end of the task
// that received it. The memory may then belong to other data.
var ErrEnded = errors.New("the task that received the buffer has ended; a kernel must not keep buffers")

// ErrBorrowed is the error of Free in a worker process that received the buffer with a task.
var ErrBorrowed = errors.New("the buffer belongs to the parent process; only the parent can free it")

// A ReferenceError reports an encoded buffer that this process cannot accept, for the given reason.
type ReferenceError struct{ Reason string }

func (e *ReferenceError) Error() string { return "reference to a shared buffer: " + e.Reason }

// A RangeError reports a part of a buffer that is not within the buffer.
type RangeError struct{ Lo, Hi, Len int }

func (e *RangeError) Error() string {
	return fmt.Sprintf("bytes %d to %d are not in the buffer, which has %d", e.Lo, e.Hi, e.Len)
}
