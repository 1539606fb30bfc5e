//go:build !linux

package harness

import (
	"fmt"
	"runtime"
)

// pin cannot keep a thread to cores here.
func pin(n int) error {
	if have := Cores(); n > have {
		return &CoresError{Want: n, Have: have}
	}
	return fmt.Errorf("%w on %s", ErrPinning, runtime.GOOS)
}

// pinned has nothing to look at here.
func pinned(int) error { return nil }
