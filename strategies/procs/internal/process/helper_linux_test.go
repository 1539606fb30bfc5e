package process

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/procs/worker"
)

// TestHelperStrays checks that reapStrays kills and reaps children that are not known workers:
// processes that could not execute their program, and workers whose start the helper process did
// not report. It must not end known workers.
func TestHelperStrays(t *testing.T) {
	h := newHelper(Config{Command: worker.Command(), Timeout: 10 * time.Second})
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	spawn := func() (pid int) { // a worker without a page ends at once
		fd := int(null.Fd())
		pid, err := h.spawn([]int{fd, fd, fd})
		if err != nil {
			t.Fatal(err)
		}
		return pid
	}
	known, stray := spawn(), spawn()
	h.reaped(stray) // as if it were not known
	done := make(chan struct{})
	h.calls <- func() { defer close(done); h.reapStrays() }
	<-done
	if pid, err := unix.Wait4(known, nil, 0, nil); pid != known {
		t.Errorf("a known worker was killed: %v", err)
	}
	_, err = unix.Wait4(stray, nil, 0, nil)
	h.close()
	if err != unix.ECHILD {
		t.Skip("the system does not list the children of a thread")
	}
}
