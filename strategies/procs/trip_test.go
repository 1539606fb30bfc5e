//go:build unix

package procs

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// TestTripIsLeft checks a caller that waits for a task that hangs. The caller must stop waiting
// when its context ends, and must then be able to cancel the task.
func TestTripIsLeft(t *testing.T) {
	x := newPool(t, 1)
	for range 3 {
		if _, err := number.Go(t.Context(), x, 1, strategies.Options{}).Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	f := fault.Go(t.Context(), x, "hang", strategies.Options{})
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

// TestTripGoexit checks a codec that calls Goexit. Its task must fail. If the codec runs on the
// goroutine of a caller that waits for this task, this goroutine ends too. All other callers that
// wait for the task must receive its outcome. The pool must count the task, continue to work and be
// closable.
func TestTripGoexit(t *testing.T) {
	append8, decode8 := numbers.Append, numbers.Decode
	in, out := number, number
	in.In.Append = func(dst []byte, v uint64) ([]byte, error) {
		if v == 13 {
			runtime.Goexit()
		}
		return append8(dst, v)
	}
	out.Out.Decode = func(src []byte) (uint64, error) {
		v, err := decode8(src)
		if v == 14 {
			runtime.Goexit()
		}
		return v, err
	}
	ctx := t.Context()
	for _, tr := range []transport.Transport{transport.Pipe(), transport.SHM(transport.SHMOptions{})} {
		c := config(1)
		c.Transport = tr
		x := newExecutor(t, c)
		calls := []func(k strategies.Kernel[uint64, uint64]) error{
			func(k strategies.Kernel[uint64, uint64]) error {
				_, err := k.Map(ctx, x, []uint64{13}, strategies.Options{Hooks: &strategies.Hooks{Error: func(strategies.Event) {}}})
				return err
			},
			func(k strategies.Kernel[uint64, uint64]) error {
				f := k.Go(ctx, x, 13, strategies.Options{})
				waited := make(chan error)
				go func() {
					defer close(waited)
					f.Wait(ctx)
				}()
				<-waited
				_, err := f.Wait(ctx)
				return err
			},
		}
		n := 0
		for range 50 {
			for _, k := range []strategies.Kernel[uint64, uint64]{in, out} {
				for _, call := range calls {
					returned := make(chan error, 1)
					go func() {
						defer close(returned)
						returned <- call(k)
					}()
					err, ok := <-returned
					if ok && !errors.Is(err, strategies.ErrGoexit) {
						t.Errorf("%s: got error %v of the task, want ErrGoexit", tr.Name, err)
					}
					if err := roundTrips(ctx, x, 1); err != nil {
						t.Errorf("%s: got error %v of the next task, want none", tr.Name, err)
					}
					n++
				}
			}
		}
		want := strategies.Counts{Submitted: int64(2 * n), Succeeded: int64(n), Failed: int64(n)}
		if got := x.Counts(); got != want {
			t.Errorf("%s: got counts %+v, want %+v", tr.Name, got, want)
		}
		must(t, x.Close())
	}
}
