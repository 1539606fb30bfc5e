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
// descendants of this process.
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
			time.Sleep(time.Millisecond) // until killed processes have ended
		}
	}
}
