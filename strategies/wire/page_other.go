//go:build unix && !linux

package wire

import (
	"os"

	"golang.org/x/sys/unix"
)

// pageFile creates a file without a name, of PageSize bytes, and returns its descriptor. The system
// closes the descriptor in a process that executes another program. On this system a worker can
// truncate the file.
func pageFile() (int, error) {
	f, err := os.CreateTemp("", "payoff-page-")
	if err != nil {
		return -1, &PageError{"cannot create the file of the page", err}
	}
	defer f.Close()
	fd := -1
	if err = os.Remove(f.Name()); err == nil {
		fd, err = unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	}
	if err != nil {
		return -1, &PageError{"cannot create the file of the page", err}
	}
	if err := f.Truncate(PageSize); err != nil {
		unix.Close(fd)
		return -1, noRoom(err)
	}
	return fd, nil
}
