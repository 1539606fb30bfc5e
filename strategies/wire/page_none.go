//go:build !unix

package wire

import (
	"errors"
	"time"
)

// errNoPages is the error on a system on which a process cannot inherit shared memory.
var errNoPages = &PageError{"worker processes need Linux or another Unix", errors.ErrUnsupported}

// CreatePage returns a [PageError], since this system cannot share memory with worker processes.
func CreatePage() (p *Page, fd int, mem []byte, err error) { return nil, -1, nil, errNoPages }

// IsPage returns false, since this system cannot share memory with worker processes.
func IsPage(int) bool { return false }

// OpenPage returns a [PageError], since this system cannot share memory with worker processes.
func OpenPage(int) (*Page, []byte, error) { return nil, nil, errNoPages }

// ReleasePage does nothing, since this system has no pages (memory shared with a worker).
func ReleasePage([]byte) error { return nil }

func monotonic() int64 { return time.Now().UnixNano() }
