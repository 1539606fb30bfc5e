//go:build unix

package procs

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/shared"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
	"github.com/payoff-bench/payoff/strategies/work"
)

// TestBuffersOfLostWorker kills a worker that runs a task with buffers. The task must fail at once,
// even if retries are left, because it may have changed the buffers. The program must be able to
// use these buffers as before. Other tasks and the pool must not be affected.
func TestBuffersOfLostWorker(t *testing.T) {
	x := arenaPool(t, 2, 1<<20)
	const n = 10_000
	for range 3 {
		var orders []order
		for i := range 12 {
			orders = append(orders, order{"", filled(t, x, n, byte(i)), filled(t, x, n, 99)})
		}
		orders[5].Do = "kill"
		must(t, orders[5].Out.Free())
		orders[5].Out = orders[5].In // in place: a second attempt would give wrong bytes
		out, err := adder.Map(t.Context(), x, orders, strategies.Options{Retries: 3})
		var job *strategies.JobError
		var lost *strategies.LostError
		if !errors.As(err, &job) || job.Failed != 1 || job.Succeeded != 11 || !errors.As(job.Task(5), &lost) || lost.Signal != 9 {
			t.Fatal(err)
		}
		for i, o := range orders {
			if i != 5 {
				holds(t, out[i].Out, n, byte(i+1))
				must(t, o.Out.Free())
			} else if v := content(t, o.In); v[0] != 6 || v[n-1] != 5 {
				t.Errorf("buffer of the lost task: got first byte %d and last byte %d, want 6 and 5", v[0], v[n-1])
			}
			must(t, o.In.Free())
		}
		unused(t, x)
	}
	if n := x.Account().Restarts.Lost; n != 3 {
		t.Errorf("got %d lost workers, want 3", n)
	}
}

// TestBufferOverLimit runs a task that exceeds its time limit. The task has its outcome before its
// worker has ended, and may write to its buffer until then. The buffer is freed meanwhile, but its
// memory must not be reused before the worker has ended.
func TestBufferOverLimit(t *testing.T) {
	x := arenaPool(t, 1, 1<<20)
	for range 3 {
		o := order{"stubborn", filled(t, x, 5000, 1), filled(t, x, 1<<19, 2)}
		_, err := adder.Map(t.Context(), x, []order{o}, strategies.Options{Limit: 20 * time.Millisecond})
		var over *strategies.TimeoutError
		if !errors.As(err, &over) {
			t.Fatal(err)
		}
		must(t, errors.Join(o.In.Free(), o.Out.Free()))
		var full *shared.FullError
		if _, err := x.Buffer(cancelled, x.arena.Size()); !errors.As(err, &full) || !errors.Is(err, context.Canceled) {
			t.Errorf("new buffer while the task still runs: got error %v, want a FullError", err)
		}
		b := filled(t, x, x.arena.Size(), 77) // waits for the end of the worker
		runtime.Gosched()
		holds(t, b, x.arena.Size(), 77)
		must(t, b.Free())
	}
	unused(t, x)
}

// TestBufferFreedEarly frees a buffer while a task uses it. The task must end as usual, and the
// memory must be reused only then. If the task was not sent yet, it must fail. A task whose output
// is a freed buffer must fail too.
func TestBufferFreedEarly(t *testing.T) {
	x := arenaPool(t, 1, 1<<20)
	o := order{"", filled(t, x, 1<<18, 1), filled(t, x, 1<<18, 2)}
	stop := filled(t, x, 1<<18, 3)
	must(t, stop.Free())
	orders := []order{o, {"", stop, o.Out}, {"", o.In, stop}}
	_, err := adder.Map(t.Context(), x, orders, strategies.Options{})
	var job *strategies.JobError
	var freed *shared.FreedError
	if !errors.As(err, &job) || job.Failed != 2 || job.Succeeded != 1 || !errors.As(job.Task(1), &freed) || !errors.As(job.Task(2), &freed) {
		t.Fatal(err)
	}
	for range 50 {
		in, want := filled(t, x, 1<<18, 1), filled(t, x, 1<<18, 5)
		f := adder.Go(t.Context(), x, order{"", in, o.Out}, strategies.Options{})
		must(t, in.Free())
		next := filled(t, x, 1<<18, 9) // may take the memory of in, once no worker reads it
		if _, err := f.Wait(t.Context()); err == nil {
			holds(t, o.Out, 1<<18, 2)
		} else if !errors.As(err, &freed) {
			t.Fatal(err)
		}
		must(t, errors.Join(want.Free(), next.Free()))
	}
	must(t, errors.Join(o.In.Free(), o.Out.Free()))
	unused(t, x)
}

// TestBuffersOfOthers checks that a kernel cannot use, return or free a buffer of an earlier task.
// A buffer of another pool is refused.
func TestBuffersOfOthers(t *testing.T) {
	x := arenaPool(t, 1, 1<<20)
	o := order{"", filled(t, x, 100, 1), filled(t, x, 100, 2)}
	run := func(x *Executor, do string) error {
		o.Do = do
		_, err := adder.Go(t.Context(), x, o, strategies.Options{}).Wait(t.Context())
		return err
	}
	must(t, run(x, "keep"))
	var codec *strategies.CodecError
	if err := run(x, "use kept"); !errors.Is(err, shared.ErrEnded) {
		t.Error(err)
	}
	if err := run(x, "return kept"); !errors.As(err, &codec) || codec.Step != "encode output" || !strings.Contains(err.Error(), shared.ErrEnded.Error()) {
		t.Error(err)
	}
	if err := run(x, "free"); !errors.Is(err, shared.ErrBorrowed) {
		t.Error(err)
	}
	var panicked *strategies.PanicError
	if err := run(x, "panic"); !errors.As(err, &panicked) {
		t.Error(err)
	}
	for _, other := range []*Executor{arenaPool(t, 1, 1<<20), newPool(t, 1)} {
		if err := run(other, ""); !errors.As(err, &codec) || codec.Step != "decode input" || !strings.Contains(err.Error(), "does not have its arena") {
			t.Error(err)
		}
	}
	must(t, run(x, ""))
	must(t, errors.Join(o.In.Free(), o.Out.Free()))
	unused(t, x)
}

// TestForgedReferences checks that a hostile worker cannot return references to buffers that it did
// not receive, or to memory outside buffers.
func TestForgedReferences(t *testing.T) {
	if !hasArenas {
		t.Skip("no arenas on this system")
	}
	c := config(2)
	c.Program, c.Arena = Command(os.Args[0], "hostile", "", t.TempDir()+"/spoilt"), 1<<20
	x := newExecutor(t, c)
	k := strategies.Kernel[[]byte, shared.Buffer]{Name: hostile.Name, Func: func(context.Context, []byte) (shared.Buffer, error) { panic("") }, Out: shared.Codec()}
	k.In = strategies.Codec[[]byte]{Append: func(dst, v []byte) ([]byte, error) { return append(dst, v...), nil }}
	b, victim := filled(t, x, 5000, 1), filled(t, x, 5000, 2)
	good, err := b.MarshalBinary()
	must(t, err)
	forged := [][]byte{good}
	for _, field := range []struct {
		i   int
		add int64
	}{{0, 1}, {1, 1}, {2, 1}, {2, 1 << 40}, {3, -1}, {3, 1}, {3, 8192}, {3, 1 << 40}, {4, 1}, {4, -6000}, {4, 1 << 40}} {
		f := bytes.Clone(good)
		at := f[8*field.i:]
		binary.LittleEndian.PutUint64(at, binary.LittleEndian.Uint64(at)+uint64(field.add))
		forged = append(forged, f)
	}
	forged = append(forged, good[:39], append(bytes.Clone(good), 0), nil)
	out, err := k.Map(t.Context(), x, forged, strategies.Options{})
	var job *strategies.JobError
	if !errors.As(err, &job) || job.Failed != len(forged)-1 || out[0] != b {
		t.Fatal(err)
	}
	for task := range job.Failures() {
		var e *shared.ReferenceError
		if !errors.As(task, &e) {
			t.Error(task)
		}
	}
	holds(t, victim, 5000, 2)
	must(t, errors.Join(b.Free(), victim.Free()))
	unused(t, x)
}

// TestLargeBuffers runs a stream whose input allocates buffers and whose consumer frees them. An
// arena with room for a few buffers must be enough. A buffer of 64 MiB can be passed like a small
// one.
func TestLargeBuffers(t *testing.T) {
	const n = 64 << 20
	x := arenaPool(t, 2, 2*n)
	var failed error
	in := func(yield func(shared.Buffer) bool) {
		for i := range 40 {
			b, err := x.Buffer(t.Context(), n)
			if failed = err; err != nil || !yield(b) {
				return
			}
			_ = i
		}
	}
	count := 0
	for b, err := range touch.Stream(t.Context(), x, in, strategies.Options{Window: 2}) {
		must(t, err)
		if count++; b.Len() != n {
			t.Fatal(b.Len())
		}
		must(t, b.Free())
	}
	if must(t, failed); count != 40 {
		t.Error(count)
	}
	unused(t, x)
}

// TestBuffersAfterStop checks that Stop ends a stream whose input waits for a buffer. Buffers can
// be used after the end of their pool.
func TestBuffersAfterStop(t *testing.T) {
	x := arenaPool(t, 1, 1<<20)
	b := filled(t, x, 1<<20, 3)
	failed, waiting := make(chan error, 1), make(chan bool)
	go func() {
		in := func(yield func(shared.Buffer) bool) {
			close(waiting)
			_, err := x.Buffer(context.Background(), 1)
			failed <- err
		}
		for range touch.Stream(context.Background(), x, in, strategies.Options{}) {
		}
	}()
	<-waiting
	must(t, x.Stop(context.Background()))
	if err := <-failed; !errors.Is(err, work.ErrClosed) {
		t.Error(err)
	}
	holds(t, b, 1<<20, 3)
	if _, err := x.Buffer(context.Background(), 1); !errors.Is(err, work.ErrClosed) {
		t.Error(err)
	}
	must(t, b.Free())
	var freed *shared.FreedError
	if !errors.As(b.Free(), &freed) {
		t.Error("got no FreedError from a second Free")
	}
}

// TestArenaCycles checks that repeated cycles, each of which creates a pool, uses buffers and ends
// the pool, leave no memory and no descriptors behind.
func TestArenaCycles(t *testing.T) {
	if !hasArenas {
		t.Skip("no arenas on this system")
	}
	maps := func() int {
		b, err := os.ReadFile("/proc/self/maps")
		must(t, err)
		return strings.Count(string(b), "payoff-arena")
	}
	before := maps()
	for i := range 10 {
		c := config(1)
		c.Arena, c.Transport = 1<<20, transport.All()[i%2]
		x, err := New(t.Context(), c)
		must(t, err)
		b := filled(t, x, 5000, 1)
		_, err = touch.Map(t.Context(), x, []shared.Buffer{b, b}, strategies.Options{})
		must(t, err)
		must(t, errors.Join(b.Free(), x.Close()))
	}
	if after := maps(); after > before {
		t.Errorf("got %d mapped arenas, want at most %d, as before", after, before)
	}
}

func TestRefusedArena(t *testing.T) {
	for _, size := range []int{-1, math.MaxInt/2 + 1} {
		c := config(1)
		c.Arena = size
		if x, err := New(t.Context(), c); err == nil && (size < 0 || hasArenas) {
			x.Stop(cancelled)
			t.Errorf("arena of %d bytes: got no error", size)
		}
	}
	var option *strategies.OptionError
	if _, err := newPool(t, 1).Buffer(t.Context(), 0); !errors.As(err, &option) {
		t.Error(err)
	}
	var none context.Context
	if _, err := newPool(t, 1).Buffer(none, 1); !errors.As(err, &option) {
		t.Error(err)
	}
}
