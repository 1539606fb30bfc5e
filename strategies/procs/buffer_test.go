//go:build unix

package procs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/wire/shared"
)

const hasArenas = runtime.GOOS == "linux"

// arenaPool returns a pool with an arena of size bytes.
func arenaPool(t testing.TB, workers, size int) *Executor {
	t.Helper()
	if !hasArenas {
		t.Skip("no arenas on this system")
	}
	c := config(workers)
	c.Arena, c.Grace = size, 50*time.Millisecond
	return newExecutor(t, c)
}

// filled returns a new buffer of x, with n bytes of value v.
func filled(t testing.TB, x *Executor, n int, v byte) shared.Buffer {
	t.Helper()
	b, err := x.Buffer(t.Context(), n)
	must(t, err)
	all := content(t, b)
	for i := range all {
		all[i] = v
	}
	return b
}

func content(t testing.TB, b shared.Buffer) []byte {
	t.Helper()
	v, err := b.Bytes()
	must(t, err)
	return v
}

func holds(t testing.TB, b shared.Buffer, n int, v byte) {
	t.Helper()
	if got := content(t, b); len(got) != n || bytes.Count(got, []byte{v}) != n {
		t.Errorf("got a buffer of %d bytes, %d of which are %d, want all of %d", len(got), bytes.Count(got, []byte{v}), v, n)
	}
}

// unused waits until the workers of x have ended their tasks. It then checks that x has no buffers
// and that its whole arena is free.
func unused(t testing.TB, x *Executor) {
	t.Helper()
	if live, bytes := x.Buffers(); live != 0 {
		t.Errorf("got %d buffers and %d bytes in use, want none", live, bytes)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	all, err := x.Buffer(ctx, x.arena.Size())
	must(t, err)
	must(t, all.Free())
}

// TestBuffers checks that the same program works by reference and by copying, over every transport,
// in a map, a stream and a future. Its buffers are values by themselves, or fields of structs with
// every codec.
func TestBuffers(t *testing.T) {
	for _, tr := range transports() {
		for _, size := range []int{0, 8 << 20} {
			t.Run(fmt.Sprintf("%s/%d", tr.Name, size), func(t *testing.T) {
				opens(t, tr)
				c := config(2)
				c.Transport, c.Arena = tr, size
				x := newExecutor(t, c)
				const n = 40_000
				for name, k := range adders {
					var orders []order
					for i := range 20 {
						orders = append(orders, order{"", filled(t, x, n, byte(i)), filled(t, x, n, 99)})
					}
					check := func(i int, out order) {
						t.Helper()
						holds(t, out.Out, n, byte(i+1))
						if inPlace := size > 0 && hasArenas; inPlace != out.Out.Shared() || inPlace != (out.Out == orders[i].Out) {
							t.Errorf("%s: got Shared %v of output %d", name, out.Out.Shared(), i)
						}
					}
					out, err := k.Map(t.Context(), x, orders, strategies.Options{})
					must(t, err)
					for i, o := range out {
						check(i, o)
					}
					i := 0
					for o, err := range k.Stream(t.Context(), x, slices.Values(orders), strategies.Options{Window: 3}) {
						must(t, err)
						check(i, o)
						i++
					}
					o, err := k.Go(t.Context(), x, orders[7], strategies.Options{}).Wait(t.Context())
					must(t, err)
					check(7, o)
					orders[7].Do = "make"
					o, err = k.Go(t.Context(), x, orders[7], strategies.Options{}).Wait(t.Context())
					must(t, err)
					if holds(t, o.Out, n, 8); o.Out.Shared() {
						t.Error("got a shared buffer, although the kernel has created it")
					}
					for _, o := range orders {
						must(t, errors.Join(o.In.Free(), o.Out.Free()))
					}
				}
				b := filled(t, x, 1<<20, 7)
				part, err := b.Slice(4096, 4096+5000)
				must(t, err)
				out, err := touch.Map(t.Context(), x, []shared.Buffer{part, part, {}, shared.Of([]byte{1, 2})}, strategies.Options{Chunk: chunk.Fixed(4)})
				must(t, err)
				if v := content(t, out[0]); len(v) != 5000 || v[1] != 7 || v[0] < 8 || out[2].Len() != 0 || !bytes.Equal(content(t, out[3]), []byte{2, 2}) {
					t.Errorf("%d %d: %v", len(v), v[0], out)
				}
				slices2, err := touchBytes.Map(t.Context(), x, [][]byte{content(t, b)[8192:20000], {5, 6}, nil}, strategies.Options{})
				must(t, err)
				if inPlace := &slices2[0][0] == &content(t, b)[8192]; inPlace != b.Shared() || slices2[0][0] < 8 || !bytes.Equal(slices2[1], []byte{6, 6}) || len(slices2[2]) > 0 {
					t.Errorf("in place: %v, %d, %v", inPlace, slices2[0][0], slices2[1:])
				}
				must(t, b.Free())
				if x.arena != nil {
					unused(t, x)
				}
			})
		}
	}
}
