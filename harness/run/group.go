package run

import (
	"errors"
	"os"
	"syscall"

	"github.com/payoff-bench/payoff/harness/probe"
)

// killGroup kills the group that p leads, and every process below p that has a group of
// its own: worker processes do. Those would end by themselves, but later.
func killGroup(p *os.Process) error {
	below, _ := probe.Descendants(p.Pid) // what it found before an error is killed too
	err := syscall.Kill(-p.Pid, syscall.SIGKILL)
	for _, pid := range below {
		syscall.Kill(pid, syscall.SIGKILL) // an error says that it has ended already
	}
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
