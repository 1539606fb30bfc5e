//go:build unix && !linux

package wire

import (
	"os"

	"golang.org/x/sys/unix"
)

// pageFile returns a descriptor of a file of PageSize bytes that has no name any more, closed
// on exec. These systems cannot keep a worker from cutting it short.
func pageFile() (int, error) {
	f, err := os.CreateTemp("", "payoff-page-")
	if err != nil {
		return -1, &PageError{"no file for it", err}
	}
	defer f.Close()
	fd := -1
	if err = os.Remove(f.Name()); err == nil {
		fd, err = unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	}
	if err != nil {
		return -1, &PageError{"no file for it", err}
	}
	if err := f.Truncate(PageSize); err != nil {
		unix.Close(fd)
		return -1, noRoom(err)
	}
	return fd, nil
}
