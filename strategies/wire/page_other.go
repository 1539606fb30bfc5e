//go:build !linux

package wire

import (
	"os"

	"golang.org/x/sys/unix"
)

// pageFile returns a descriptor of a file that has no name any more, closed on exec.
func pageFile() (int, error) {
	f, err := os.CreateTemp("", "payoff-page-")
	if err != nil {
		return -1, err
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return -1, err
	}
	return unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
}
