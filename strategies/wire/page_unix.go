//go:build unix

package wire

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// CreatePage creates a page, which is memory that a worker process shares with its parent. It
// returns the page, the descriptor that the worker must inherit, and the memory of the page. The
// caller releases the memory by [ReleasePage]. The error is a [PageError].
func CreatePage() (p *Page, fd int, mem []byte, err error) {
	fd, err = pageFile()
	if err != nil {
		return nil, -1, nil, err
	}
	p, mem, err = OpenPage(fd)
	if err != nil {
		unix.Close(fd)
		return nil, -1, nil, err
	}
	copy(mem[signAt:], magic)
	return p, fd, mem, nil
}

func noRoom(err error) error { return &PageError{fmt.Sprintf("no room for %d bytes", PageSize), err} }

// IsPage reports whether fd is the descriptor of a page (shared memory) that [CreatePage] has
// created. If fd is not open, IsPage returns false.
func IsPage(fd int) bool {
	b := make([]byte, len(magic))
	n, err := unix.Pread(fd, b, signAt)
	return err == nil && n == len(b) && string(b) == magic
}

// OpenPage maps the page that another process has created and whose descriptor is fd. It returns
// the page and its memory. The caller may close fd afterwards.
func OpenPage(fd int) (*Page, []byte, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, nil, &PageError{"not a file", err}
	}
	if st.Size < PageSize {
		return nil, nil, &PageError{Reason: fmt.Sprintf("the page has %d bytes, not %d", st.Size, PageSize)}
	}
	mem, err := unix.Mmap(fd, 0, PageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, &PageError{"cannot be mapped", err}
	}
	p, err := NewPage(mem)
	return p, mem, err
}

// ReleasePage unmaps the memory of a [Page]. The Page must not be used afterwards.
func ReleasePage(mem []byte) error { return unix.Munmap(mem) }

// monotonic returns the time, in ns, of a clock that is the same in all processes of the machine.
func monotonic() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		return time.Now().UnixNano()
	}
	return t.Nano()
}
