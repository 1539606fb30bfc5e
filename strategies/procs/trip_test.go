package procs

import (
	"context"
	"errors"
	"runtime"
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
					f := number.Go(ctx, x, i, strategies.Options{})
					late := number.Go(ctx, x, i, strategies.Options{})
					forgotten := number.Go(ctx, x, i, strategies.Options{})
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
		parkedOnce(t, x)
	}
}

// parkedOnce fails the test if a lane is among those that are asleep more than once: it would be
// woken in the stead of another.
func parkedOnce(t *testing.T, x *Executor) {
	t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	seen := map[*lane]bool{}
	for _, l := range x.idle {
		if seen[l] {
			t.Errorf("lane %d is asleep twice", l.w)
		}
		seen[l] = true
	}
	if n := int(x.asleep.Load()); n != len(x.idle) {
		t.Errorf("%d lanes are said to be asleep, and %d are", n, len(x.idle))
	}
}

// A lane that made trips is parked once, whoever waited for them, and how late.
func TestTripsPark(t *testing.T) {
	x := newPool(t, 2)
	in, out := []uint64{1}, []uint64{0}
	for range 200 {
		must(t, number.MapInto(t.Context(), x, in, out, strategies.Options{}))
		parkedOnce(t, x)
		must(t, roundTrips(t.Context(), x, 1))
		parkedOnce(t, x)
		f := number.Go(t.Context(), x, 1, strategies.Options{})
		<-f.Done()
		parkedOnce(t, x)
	}
}

// Whoever waits for a task that hangs leaves when its context ends, and the task can be
// cancelled then.
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

// A codec that calls Goexit fails its task. On the goroutine of a caller who waits for this one
// task it ends that as well, which is all: others who wait hear of it, the task is counted, the
// pool goes on and can be closed.
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
						t.Errorf("%s: the task ended with %v", tr.Name, err)
					}
					if err := roundTrips(ctx, x, 1); err != nil {
						t.Errorf("%s: the task after it ended with %v", tr.Name, err)
					}
					n++
				}
			}
		}
		want := strategies.Counts{Submitted: int64(2 * n), Succeeded: int64(n), Failed: int64(n)}
		if got := x.Counts(); got != want {
			t.Errorf("%s: counted %+v, not %+v", tr.Name, got, want)
		}
		must(t, x.Close())
	}
}
