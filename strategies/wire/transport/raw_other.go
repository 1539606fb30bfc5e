//go:build !linux

package transport

import "golang.org/x/sys/unix"

func read(fd int, p []byte) (int, error)  { return unix.Read(fd, p) }
func write(fd int, p []byte) (int, error) { return unix.Write(fd, p) }

// briefly would wait a little until fd is ready for events.
func briefly(int, int16) bool { return false }
