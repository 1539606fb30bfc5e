package procs

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// Callers that have a lane between them leave it to each other and to its goroutine: whether
// they wait, wait late or not at all, whether the worker lives or is killed meanwhile.
func TestTrips(t *testing.T) {
	for _, tr := range []transport.Transport{transport.Pipe(), transport.SHM(transport.SHMOptions{})} {
		c := config(2)
		c.Transport = tr
		x := newExecutor(t, c)
		ctx := t.Context()
		done := make(chan error)
		for caller := range 3 {
			go func() {
				var failed error
				for i := range uint64(300) {
					f := strategies.Go(ctx, x, number, i)
					late := strategies.Go(ctx, x, number, i)
					forgotten := strategies.Go(ctx, x, number, i)
					if caller == 1 && i%100 == 50 {
						for _, pid := range x.PIDs() {
							unix.Kill(pid, unix.SIGKILL)
						}
					}
					v, err := f.Wait(ctx)
					<-forgotten.Done()
					w, err2 := late.Wait(ctx)
					var lost *strategies.LostError
					for _, err := range []error{err, err2} {
						if err != nil && !errors.As(err, &lost) {
							failed = err
						}
					}
					if err == nil && err2 == nil && v != w {
						failed = errors.Join(failed, errors.New("outputs differ"))
					}
				}
				done <- failed
			}()
		}
		for range 3 {
			if err := <-done; err != nil {
				t.Errorf("%s: %v", tr.Name, err)
			}
		}
	}
}

// Whoever waits for a task that hangs leaves when its context ends, and the task can be
// cancelled then.
func TestTripIsLeft(t *testing.T) {
	x := newPool(t, 1)
	for range 3 {
		if _, err := strategies.Go(t.Context(), x, number, 1).Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	f := strategies.Go(t.Context(), x, fault, "hang")
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := f.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	f.Cancel()
	if _, err := f.Wait(t.Context()); !errors.Is(err, strategies.ErrCancelled) {
		t.Error(err)
	}
}
