package shared

import (
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"github.com/payoff-bench/payoff/strategies/work"
)

func newArena(t interface {
	Fatal(...any)
	Cleanup(func())
}, size int) *Arena {
	a, err := NewArena(size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func must[T any](t interface{ Fatal(...any) }) func(T, error) T {
	return func(v T, err error) T {
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// done is a context that has ended: with it, Alloc does not wait.
var done = func() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errDone)
	return ctx
}()

var errDone = errors.New("done")

// TestArenaModel runs random operations of a program and its lanes. It checks three rules:
//
//   - Memory belongs to one buffer as long as this buffer is live or a worker may use it.
//   - Every use of a freed buffer is an error.
//   - At the end all memory is free.
func TestArenaModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const pages = 8
		a := newArena(t, pages*pageSize)
		type frame struct {
			pin  Pin
			open bool
			refs []Buffer
		}
		var live, freed []Buffer
		var frames []frame
		inUse := func(b Buffer) bool {
			same := func(o Buffer) bool { return o.block == b.block }
			return slices.ContainsFunc(live, same) || slices.ContainsFunc(frames, func(f frame) bool { return slices.ContainsFunc(f.refs, same) })
		}
		t.Repeat(map[string]func(*rapid.T){
			"alloc": func(t *rapid.T) {
				n := rapid.IntRange(1, 3*pageSize).Draw(t, "n")
				b, err := a.Alloc(done, n)
				var full *FullError
				if errors.As(err, &full) && errors.Is(err, errDone) && full.Free < n {
					return
				}
				if err != nil || b.Len() != n {
					t.Fatal(b.Len(), err)
				}
				for _, o := range append(slices.Clone(freed), live...) {
					if inUse(o) && b.block.at < o.block.at+len(o.block.mem) && o.block.at < b.block.at+n {
						t.Fatalf("got a buffer of %d bytes at %d, which overlaps one of %d bytes at %d", n, b.block.at, len(o.block.mem), o.block.at)
					}
				}
				live = append(live, b)
			},
			"free": func(t *rapid.T) {
				if len(live) == 0 {
					t.Skip("no buffer")
				}
				i := rapid.IntRange(0, len(live)-1).Draw(t, "i")
				b := live[i]
				live = slices.Delete(live, i, i+1)
				if err := b.Free(); err != nil {
					t.Fatal(err)
				}
				freed = append(freed, b)
			},
			"open": func(t *rapid.T) { frames = append(frames, frame{pin: a.Open(), open: true}) },
			"encode": func(t *rapid.T) { // in any open frame, as lanes encode at the same time
				i := slices.IndexFunc(frames, func(f frame) bool { return f.open })
				if i < 0 || len(live) == 0 {
					t.Skip("no frame or no buffer")
				}
				b := live[rapid.IntRange(0, len(live)-1).Draw(t, "i")]
				got := must[Buffer](t)(decode(must[[]byte](t)(b.MarshalBinary()), true))
				if got != b {
					t.Fatalf("got buffer %v from the reference to %v", got, b)
				}
				frames[i].refs = append(frames[i].refs, b)
			},
			"shut": func(t *rapid.T) {
				i := slices.IndexFunc(frames, func(f frame) bool { return f.open })
				if i < 0 {
					t.Skip("no frame")
				}
				f := &frames[i]
				f.pin, f.open = a.Shut(f.pin), false
				if f.pin == 0 {
					if len(f.refs) > 0 {
						t.Fatal("a frame with references has no pin")
					}
					frames = slices.Delete(frames, i, i+1)
				}
			},
			"unpin": func(t *rapid.T) {
				i := slices.IndexFunc(frames, func(f frame) bool { return !f.open })
				if i < 0 {
					t.Skip("no frame")
				}
				a.Unpin(frames[i].pin)
				frames = slices.Delete(frames, i, i+1)
			},
			"": func(t *rapid.T) {
				var e *FreedError
				for _, b := range freed {
					_, used := b.Bytes()
					_, sent := b.MarshalBinary()
					for _, err := range []error{used, sent, b.Free()} {
						if !errors.As(err, &e) || e.Len != b.Len() {
							t.Fatalf("use of a freed buffer: got error %v, want a FreedError", err)
						}
					}
				}
			},
		})
		for _, f := range frames {
			a.Unpin(a.pinOf(f.pin, f.open))
		}
		for _, b := range live {
			b.Free()
		}
		if n, bytes := a.Usage(); n != 0 || bytes != 0 || len(a.room) != 1 || len(a.windows) != 0 {
			t.Fatalf("at the end: got %d buffers, %d bytes in use, free ranges %v, windows %v; want none in use", n, bytes, a.room, a.windows)
		}
	})
}

// pinOf returns the pin for the buffers of a frame. If open is true, the frame is still being
// encoded, and pinOf first ends its encoding.
func (a *Arena) pinOf(pin Pin, open bool) Pin {
	if open {
		return a.Shut(pin)
	}
	return pin
}

// TestWait checks that waiting calls of Alloc get room in the order in which they began, even if
// the context of one of them ends. The errors must say why there is no buffer.
func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArena(t, 4*pageSize)
		all := must[Buffer](t)(a.Alloc(t.Context(), 4*pageSize))
		var mu sync.Mutex // guards order and got
		var order []int
		got := map[int]Buffer{}
		ctx, cancel := context.WithCancelCause(t.Context())
		for i, c := range []context.Context{t.Context(), ctx, t.Context()} {
			go func() {
				b, err := a.Alloc(c, 2*pageSize)
				if i == 1 {
					var full *FullError
					if !errors.As(err, &full) || !errors.Is(err, errDone) || *full != (FullError{2 * pageSize, 0, 4 * pageSize, full.Err}) {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				order = append(order, i)
				got[i] = b
				mu.Unlock()
				if err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait()
		}
		cancel(errDone)
		synctest.Wait()
		all.Free()
		synctest.Wait()
		if len(order) != 2 || got[0].block.at != 0 || got[2].block.at != 2*pageSize {
			t.Error(order, got)
		}
		failed := make(chan error, 2)
		go func() { _, err := a.Alloc(t.Context(), 1); failed <- err }()
		synctest.Wait()
		a.Refuse()
		if err := <-failed; !errors.Is(err, work.ErrClosed) {
			t.Error(err)
		}
		got[0].Free()
		if _, err := a.Alloc(t.Context(), 1); !errors.Is(err, work.ErrClosed) {
			t.Error(err)
		}
		got[2].Free()
	})
}

func TestRefusedSizes(t *testing.T) {
	a := newArena(t, 1)
	for _, n := range []int{0, -1, math.MinInt} {
		var option *work.OptionError
		if _, err := a.Alloc(t.Context(), n); !errors.As(err, &option) {
			t.Error(n, err)
		}
		if _, err := New(n); !errors.As(err, &option) {
			t.Error(n, err)
		}
		if _, err := NewArena(n); !errors.As(err, &option) {
			t.Error(n, err)
		}
	}
	var size *SizeError
	if _, err := a.Alloc(t.Context(), pageSize+1); !errors.As(err, &size) || *size != (SizeError{pageSize + 1, pageSize}) {
		t.Error(err)
	}
	var option *work.OptionError
	var none context.Context
	if _, err := a.Alloc(none, 1); !errors.As(err, &option) {
		t.Error(err)
	}
	if _, err := NewArena(math.MaxInt/2 + 1); err == nil {
		t.Error("got no error for an arena of 4 EiB")
	}
}

// TestClose checks that the memory of a closed arena stays until its last buffer is freed.
func TestClose(t *testing.T) {
	a := newArena(t, 1<<20)
	b := must[Buffer](t)(a.Alloc(t.Context(), 100))
	a.Close()
	a.Close()
	copy(must[[]byte](t)(b.Bytes()), "still there")
	if a.mem == nil || string(must[[]byte](t)(b.Bytes())[:11]) != "still there" {
		t.Error("the memory was unmapped before the last buffer was freed")
	}
	if err := b.Free(); err != nil || a.mem != nil {
		t.Errorf("the memory is still mapped after the last buffer was freed; error %v", err)
	}
	var freed *FreedError
	if _, err := b.Bytes(); !errors.As(err, &freed) {
		t.Error(err)
	}
}

// TestBorrow checks that a worker can map the arena but cannot change its size, and that references
// in a worker are valid until the task ends.
func TestBorrow(t *testing.T) {
	a := newArena(t, 1<<20)
	fd, err := unix.Dup(a.FD())
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Ftruncate(fd, 0); err != unix.EPERM {
		t.Errorf("a worker could truncate the arena: error %v", err)
	}
	w := must[*Borrowed](t)(Borrow(fd))
	defer unix.Munmap(w.mem)
	b := must[Buffer](t)(a.Alloc(t.Context(), 5000))
	copy(must[[]byte](t)(b.Bytes()), "hello")
	enc := must[[]byte](t)(must[Buffer](t)(b.Slice(1, 4)).MarshalBinary())
	w.Accept(a.ID()) // stands for the worker process: this process now decodes as the worker does
	there := must[Buffer](t)(decode(enc, true))
	if got := must[[]byte](t)(there.Bytes()); string(got) != "ell" || !there.Shared() || there.Free() != ErrBorrowed {
		t.Errorf("%q", got)
	}
	back := must[[]byte](t)(must[Buffer](t)(there.Slice(1, 2)).MarshalBinary())
	w.NextTask()
	if _, err := there.Bytes(); err != ErrEnded {
		t.Error(err)
	}
	if _, err := there.MarshalBinary(); err != ErrEnded {
		t.Error(err)
	}
	arenas.Store(a.ID(), a)
	if got := must[Buffer](t)(decode(back, true)); string(must[[]byte](t)(got.Bytes())) != "l" || got.block != b.block {
		t.Errorf("%v", got)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	fd, _ = unix.Dup(int(null.Fd()))
	null.Close()
	if w, err := Borrow(fd); w != nil || err != nil {
		t.Error(w, err)
	}
	plain, err := unix.MemfdCreate("plain", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Borrow(plain); err == nil {
		t.Error("got no error for memory that its owner can truncate")
	}
}
