//go:build unix

package transport

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// exhaustChild opens channels until no descriptors are left. It then checks that the attempt that
// failed has released its descriptors. It repeats this with several limits on descriptors, so that
// different steps of opening fail.
func exhaustChild() error {
	for limit := uint64(40); limit < 48; limit++ {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: limit, Max: 48}); err != nil {
			return err
		}
		if err := exhaust(); err != nil {
			return fmt.Errorf("of %d descriptors: %w", limit, err)
		}
	}
	return nil
}

func exhaust() error {
	open := func() int {
		all, _ := os.ReadDir("/dev/fd")
		return len(all)
	}
	r, w, err := os.Pipe() // Go's own poller opens its descriptors now
	if err != nil {
		return err
	}
	r.Close()
	w.Close()
	before := open()
	for _, tr := range All() {
		var a, b []Conn
		var refused *RefusedError
		var failed *OpenError
		for i := 0; ; i++ {
			x, y, err := pair(tr)
			if errors.As(err, &refused) {
				break
			}
			if errors.As(err, &failed) && errors.Is(err, unix.EMFILE) {
				break
			}
			if err != nil || i > 40 {
				return fmt.Errorf("%s: %d channels, then %v", tr.Name, i, err)
			}
			a, b = append(a, x), append(b, y)
		}
		for i := range a {
			a[i].Close()
			b[i].Close()
		}
		if n := open(); n != before {
			return fmt.Errorf("%s: %d descriptors before, %d after", tr.Name, before, n)
		}
	}
	return nil
}

func TestDescriptorsExhausted(t *testing.T) {
	pid := start(t, nil, "exhaust")
	var status unix.WaitStatus
	if _, err := unix.Wait4(pid, &status, 0, nil); err != nil || status.ExitStatus() != 0 {
		t.Errorf("exit status %d, %v", status.ExitStatus(), err)
	}
}
