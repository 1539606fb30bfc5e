package launch

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness/probe"
)

// adopt makes this process the parent of orphaned descendants, such as a daemon that a task's
// program left running. (Without adopt, their parent would be init.) The function end kills all
// descendants that still run, and reports whether there were any.
func adopt() (end func() (left bool)) {
	if unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != nil {
		return func() bool { return false }
	}
	return func() (left bool) {
		for !childless() {
			below, err := probe.Descendants(os.Getpid())
			if err != nil {
				return left
			}
			for _, pid := range below {
				left = syscall.Kill(pid, syscall.SIGKILL) == nil || left
			}
			time.Sleep(time.Millisecond) // until killed processes have ended
		}
		return left
	}
}

// childless removes the ended child processes from the kernel's table. It then reports whether this
// process has no child processes.
func childless() bool {
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if errors.Is(err, syscall.ECHILD) {
			return true
		}
		if pid == 0 {
			return false
		}
	}
}
