//go:build unix

package lane

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/procs/internal/process"
	program "github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
	"github.com/payoff-bench/payoff/strategies/work"
)

// numbers are eight bytes each.
var numbers = strategies.Codec[uint64]{
	Append: func(dst []byte, v uint64) ([]byte, error) { return binary.LittleEndian.AppendUint64(dst, v), nil },
	Decode: func(src []byte) (uint64, error) { return binary.LittleEndian.Uint64(src), nil },
}

var number = strategies.Kernel[uint64, uint64]{
	Name: "number", In: numbers, Out: numbers,
	Func: func(_ context.Context, v uint64) (uint64, error) { return v + 1, nil },
}

// hold runs until its worker ends.
var hold = strategies.Kernel[uint64, uint64]{
	Name: "hold", In: numbers, Out: numbers,
	Func: func(context.Context, uint64) (uint64, error) { select {} },
}

// TestMain runs the tests or, in a worker process, serves the kernels. The test binary is the
// program of its own workers.
func TestMain(m *testing.M) {
	program.Main([]work.Callable{number, hold})
	os.Exit(m.Run())
}

// An executor is a pool of two lanes. Their workers serve the kernels number and hold.
type executor struct {
	core work.Core
	pool *Pool
}

func newExecutor(t *testing.T, tr transport.Transport) *executor {
	t.Helper()
	offer, err := tr.Open() // as the caller of New does, to check that the system supports it
	if err != nil {
		t.Fatal(err)
	}
	offer.Close()
	x := &executor{core: work.Core{Name: "lanes", Workers: 2}}
	x.pool, err = New(t.Context(), Config{
		Core: &x.core, Workers: 2, Grace: time.Second,
		Process: process.Config{
			Command: program.Command(), Transport: tr, Timeout: 10 * time.Second, Depth: 1,
			Attributes: process.Attributes{Env: []string{"GOMAXPROCS=1", "GORACE=atexit_sleep_ms=0"}},
		},
		StartError: func(_ *work.Worker, err error, stderr string) error { return errors.Join(err, errors.New(stderr)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.pool.Close)
	return x
}

func (x *executor) Start(ctx context.Context, job work.Job) (work.Lease, error) {
	return x.pool.Start(ctx, job, slices.Index(x.pool.Kernels(), job.Terms().Kernel))
}
func (x *executor) Submit(ctx context.Context, task work.Single) (work.Lease, error) {
	return x.Start(ctx, task)
}
func (x *executor) Core() *work.Core           { return &x.core }
func (x *executor) Counts() work.Counts        { return x.core.Counts(x.pool.Busy()) }
func (x *executor) Close() error               { x.pool.Close(); return nil }
func (x *executor) Stop(context.Context) error { return x.Close() }

// TestBorrow checks that tasks of borrowed lanes have the right outcomes, whether a caller waits at
// once, late or never. This must also hold when workers are killed.
func TestBorrow(t *testing.T) {
	for _, tr := range []transport.Transport{transport.Pipe(), transport.SHM(transport.SHMOptions{})} {
		x := newExecutor(t, tr)
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
						for _, pid := range x.pool.PIDs() {
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

// parkedOnce fails the test if the list of sleeping lanes contains a lane twice. The pool would
// then wake this lane when it should wake another one.
func parkedOnce(t *testing.T, x *executor) {
	t.Helper()
	s := &x.pool.sleepers
	s.mu.Lock()
	defer s.mu.Unlock()
	n, all := s.idle.Asleep(), s.idle.All()
	seen := map[*lane]bool{}
	for _, l := range all {
		if seen[l] {
			t.Errorf("lane %d is in the list of sleeping lanes twice, want once", l.w)
		}
		seen[l] = true
		s.idle.Park(l)
	}
	if n != len(all) {
		t.Errorf("got a count of %d sleeping lanes, want %d, the length of their list", n, len(all))
	}
}

// TestBorrowParks checks that a lane that was borrowed is in the list of sleeping lanes exactly
// once afterwards, whether the caller waits at once, late or never.
func TestBorrowParks(t *testing.T) {
	x := newExecutor(t, transport.Pipe())
	in, out := []uint64{1}, []uint64{0}
	for range 200 {
		if err := number.MapInto(t.Context(), x, in, out, strategies.Options{}); err != nil {
			t.Fatal(err)
		}
		parkedOnce(t, x)
		if _, err := number.Go(t.Context(), x, 1, strategies.Options{}).Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		parkedOnce(t, x)
		f := number.Go(t.Context(), x, 1, strategies.Options{})
		<-f.Done()
		parkedOnce(t, x)
	}
}
