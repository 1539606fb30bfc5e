//go:build !unix

package strategiestest

import (
	"errors"
	"syscall"
)

// On these systems no strategy has worker processes, so the tests never call these functions.

const stopSignal = syscall.Signal(0)

func signalTo(int, syscall.Signal) error { return errors.ErrUnsupported }
func group(int) (int, error)             { return 0, errors.ErrUnsupported }
func session() *syscall.SysProcAttr      { return nil }
