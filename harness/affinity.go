package harness

import (
	"errors"
	"fmt"
	"runtime"
)

// ErrPinning is a machine on which a process cannot be kept to some of its cores.
var ErrPinning = errors.New("pinning to cores is not available")

// Cores returns how many cores this process may use.
func Cores() int { return runtime.NumCPU() }

// Pinning returns nil where launches can be pinned to cores. Otherwise it is an
// [ErrPinning] that says why; launches then only have GOMAXPROCS set.
func Pinning() error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its mask
		done <- pin(1)
	}()
	if err := <-done; err != nil {
		return fmt.Errorf("%w; core counts are GOMAXPROCS alone", err)
	}
	return nil
}
