//go:build !linux

package transport

import (
	"time"

	"golang.org/x/sys/unix"
)

func read(fd int, p []byte) (int, error)  { return unix.Read(fd, p) }
func write(fd int, p []byte) (int, error) { return unix.Write(fd, p) }

// brief is how long an end may wait at most without telling Go's scheduler.
const brief = 0

// briefly would wait a little until fd is ready for events.
func briefly(int, int16, time.Duration) bool { return false }
