//go:build !linux

package harness

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// ownGroup makes a process the leader of a group. Here nothing makes it die with the
// process that started it.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills the group that p leads.
func killGroup(p *os.Process) error {
	err := syscall.Kill(-p.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// Descendants is not available here.
func Descendants(int) ([]int, error) {
	return nil, fmt.Errorf("processes below another: %w on %s", errors.ErrUnsupported, runtime.GOOS)
}
