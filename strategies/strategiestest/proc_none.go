//go:build !unix

package strategiestest

import (
	"errors"
	"syscall"
)

// No strategy has worker processes on these systems, so that nothing below is called.

const stopSignal = syscall.Signal(0)

func signalTo(int, syscall.Signal) error { return errors.ErrUnsupported }
func group(int) (int, error)             { return 0, errors.ErrUnsupported }
func session() *syscall.SysProcAttr      { return nil }
