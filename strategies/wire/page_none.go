//go:build !unix

package wire

import (
	"errors"
	"time"
)

// errNoPages is a system on which no process inherits the memory of another.
var errNoPages = &PageError{"worker processes need Linux or another Unix", errors.ErrUnsupported}

// CreatePage returns a [PageError].
func CreatePage() (p *Page, fd int, mem []byte, err error) { return nil, -1, nil, errNoPages }

// IsPage reports that fd is no page.
func IsPage(int) bool { return false }

// OpenPage returns a [PageError].
func OpenPage(int) (*Page, []byte, error) { return nil, nil, errNoPages }

// ReleasePage does nothing.
func ReleasePage([]byte) error { return nil }

func monotonic() int64 { return time.Now().UnixNano() }
