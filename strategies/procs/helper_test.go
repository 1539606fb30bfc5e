//go:build unix

package procs

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
)

// TestHelperKilled checks that if a helper is killed, the workers continue, and a new helper starts
// the next worker.
func TestHelperKilled(t *testing.T) {
	needs(t, "helper")
	x := newExecutor(t, started("helper", 2))
	for range 5 {
		workers := x.PIDs()
		if err := killHelper(x); err != nil {
			t.Fatal(err)
		}
		for _, pid := range workers {
			if !runs(pid) {
				t.Error("a worker has ended because the helper was killed")
			}
		}
		in := numbered(20)
		in[3] = "kill"
		_, err := fault.Map(t.Context(), x, in, strategies.Options{})
		var e *strategies.JobError
		if !errors.As(err, &e) || e.Failed != 1 {
			t.Error(err)
		}
		for len(x.PIDs()) < 2 { // until the new helper has started a worker
			time.Sleep(time.Millisecond)
		}
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	noChildren(t)
}

// TestHelperMissing checks a worker program that cannot be a helper process. New must report this
// promptly, with the standard error of the program.
func TestHelperMissing(t *testing.T) {
	needs(t, "helper")
	for _, c := range []struct {
		worker []string
		limit  time.Duration
		want   string
	}{
		{[]string{"/bin/true"}, 0, "helper: ended before it answered"},
		{[]string{"/bin/sh", "-c", "echo I am a shell >&2"}, 0, "last lines of standard error: I am a shell"},
		{[]string{"/bin/sleep", "100"}, 20 * time.Millisecond, "helper: no answer within 20ms"},
		{[]string{os.Args[0], "forgot"}, 0, ErrForgotten.Error()},
	} {
		o := config(4)
		o.Start, o.Program, o.StartTimeout = Helper, program(c.worker), c.limit
		_, err := New(t.Context(), o)
		var e *StartError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("worker program %q: got error %v, want a StartError with %q", c.worker, err, c.want)
		}
	}
	o := config(1)
	o.Start, o.Process.CPUs = Helper, []int{1023}
	if _, err := New(t.Context(), o); !errors.Is(err, unix.EINVAL) {
		t.Errorf("CPU that does not exist: got error %v, want EINVAL", err)
	}
	noChildren(t)
}
