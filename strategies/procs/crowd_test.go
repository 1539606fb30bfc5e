//go:build unix

package procs

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
)

// TestTooManyDescriptors checks a system on which no file descriptors are free. New and queued
// tasks must fail at once, and their errors must name this cause.
func TestTooManyDescriptors(t *testing.T) {
	x := newPool(t, 2)
	limit := func(n uint64) (restore func()) {
		var was unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &was); err != nil {
			t.Fatal(err)
		}
		now := was
		now.Cur = n
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &now); err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &was); err != nil {
				t.Error(err)
			}
		}
	}
	next, err := unix.Dup(0) // the lowest number that is free
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(next)
	restore := limit(uint64(next) + 20)
	_, err = New(t.Context(), config(50))
	restore()
	var start *StartError
	if !errors.As(err, &start) || !errors.Is(err, unix.EMFILE) || !strings.Contains(err.Error(), "ulimit") {
		t.Errorf("New: got error %v, want a StartError with EMFILE", err)
	}
	restore = limit(uint64(next))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			_, err := fault.Map(context.Background(), x, []string{"kill", "kill", "1", "2"}, strategies.Options{})
			if err == nil {
				t.Error("got no error although no descriptors are free")
			}
		})
	}
	wg.Wait()
	restore()
	if out, err := fault.Map(t.Context(), x, numbered(3), strategies.Options{}); err != nil {
		t.Errorf("when descriptors are free again: got %q and error %v", out, err)
	}
}

// TestManyWorkers checks that a pool of 200 workers runs tasks like a pool of two.
func TestManyWorkers(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("starts 200 processes")
	}
	x := newPool(t, 200)
	in := make([]uint64, 100_000)
	for i := range in {
		in[i] = uint64(i)
	}
	out, err := number.Map(t.Context(), x, in, strategies.Options{})
	if err != nil || out[99_999] != 100_000 {
		t.Error(err)
	}
	if n := len(x.PIDs()); n != 200 {
		t.Errorf("got %d workers, want 200", n)
	}
}
