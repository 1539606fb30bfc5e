package launch

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness/probe"
)

// adopt makes processes below this one that lose their parent children of this one, in place
// of the system's first process: those that a program leaves running as a daemon. It returns
// what kills them, and every other child.
func adopt() (end func()) {
	if unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != nil {
		return func() {}
	}
	return func() {
		for {
			below, err := probe.Descendants(os.Getpid())
			if err != nil {
				return
			}
			for _, pid := range below {
				syscall.Kill(pid, syscall.SIGKILL)
			}
			for {
				pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
				if errors.Is(err, syscall.ECHILD) {
					return
				}
				if pid == 0 {
					break
				}
			}
			time.Sleep(time.Millisecond) // which they take to end
		}
	}
}
