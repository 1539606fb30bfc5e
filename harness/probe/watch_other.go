//go:build !linux

package probe

import (
	"errors"
	"fmt"
	"runtime"
)

// Watch observes nothing here and says so of each item.
func Watch(pid int) (stop func() Observation) {
	return func() Observation {
		o := newObservation()
		for _, i := range Items() {
			o.put(i, 0, unsupported(string(i)))
		}
		return o
	}
}

// PSS is not available here.
func PSS(pid int) (int64, error) { return 0, unsupported("memory of a process tree") }

// unsupported is the reason why what is absent.
func unsupported(what string) error {
	return fmt.Errorf("%s: %w on %s", what, errors.ErrUnsupported, runtime.GOOS)
}
