//go:build unix

package procs

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// frameLen is the largest number of bytes in a frame of several tasks.
const frameLen = 16 << 10

// hold takes inputs that begin with the path of a file and a zero byte. With a large input it
// creates the file. With a small input it waits for the file, and returns an error after 10 s.
var hold = strategies.Kernel[[]byte, uint64]{
	Name: "hold", In: raw.View(), Out: numbers,
	Func: func(_ context.Context, v []byte) (uint64, error) {
		path, _, _ := bytes.Cut(v, []byte{0})
		if len(v) > frameLen {
			return 0, os.WriteFile(string(path), nil, 0o666)
		}
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			if _, err := os.Stat(string(path)); err == nil {
				return 0, nil
			}
		}
		return 0, errors.New("the large task waits for this one")
	},
}

// TestLargest sends the largest payload to a worker and back, over every transport, in a map, a
// stream and a future. Meanwhile the other worker must process smaller payloads. Callers must be
// able to keep the outputs.
func TestLargest(t *testing.T) {
	in := [][]byte{codec.NewBytes(1, codec.LargestShape)}
	for i := range 40 {
		in = append(in, codec.NewBytes(uint64(i), []int{1, 40_000, 3 << 20, 0}[i%4]))
	}
	for _, tr := range opening() {
		t.Run(tr.Name, func(t *testing.T) {
			c := config(2)
			c.Transport = tr
			x := newExecutor(t, c)
			out, err := echo.Map(t.Context(), x, in, strategies.Options{})
			must(t, err)
			same(t, in, out)
			rest := out[1:]
			out = nil
			for v, err := range echo.Stream(t.Context(), x, slices.Values(in[1:]), strategies.Options{Window: 4}) {
				must(t, err)
				out = append(out, v)
			}
			same(t, in[1:], out)
			same(t, in[1:], rest) // later outputs did not overwrite them
			v, err := echo.Go(t.Context(), x, in[3], strategies.Options{}).Wait(t.Context())
			must(t, err)
			same(t, in[3:4], [][]byte{v})
		})
	}
}

func same(t *testing.T, want, got [][]byte) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d outputs, want %d", len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(want[i], got[i]) {
			t.Errorf("output %d has %d bytes and differs from its input of %d bytes", i, len(got[i]), len(want[i]))
		}
	}
}

// TestTakenBack checks a large input that waits behind a slow task. The pool must take it back and
// send it to another worker. After the job, the pool must no longer read the memory of the input,
// although it did not send the first frame with the input completely. The race detector would
// report such a read.
func TestTakenBack(t *testing.T) {
	for _, tr := range opening() {
		t.Run(tr.Name, func(t *testing.T) {
			c := config(2)
			c.Transport = tr
			x := newExecutor(t, c)
			slow, large := make([]byte, frameLen), make([]byte, 8<<20) // each has its own frame
			path := filepath.Join(t.TempDir(), "ran")
			copy(slow, path)
			copy(large, path)
			before := x.PIDs()
			_, err := hold.Map(t.Context(), x, [][]byte{slow, large}, strategies.Options{Chunk: chunk.Fixed(2)})
			clear(large)
			must(t, err)
			in := [][]byte{large, large, large, large}
			out, err := echo.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(1)})
			must(t, err)
			same(t, in, out)
			if after := x.PIDs(); !slices.Equal(before, after) {
				t.Errorf("got workers %v after the job, want the same workers %v", after, before)
			}
		})
	}
}

// TestAnsweredEarly checks a worker that answers a task before it has received the complete input.
// The pool must reject the answer.
func TestAnsweredEarly(t *testing.T) {
	for _, tr := range opening() {
		t.Run(tr.Name, func(t *testing.T) {
			x, _, _ := hostilePool(t, 1, tr, "")
			k := hostile
			k.In = raw.Text()
			in := []string{early + "|" + strings.Repeat("x", frameLen), strings.Repeat("x", 8<<20)} // each has its own frame
			out, err := k.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(2)})
			if err != nil || out[0] != "answered" || out[1] != in[1] {
				t.Errorf("%q, %d bytes: %v", out[0], len(out[1]), err)
			}
			if n := x.Account().Restarts.Lost; n != 1 {
				t.Errorf("got %d lost workers, want 1", n)
			}
		})
	}
}

// opening returns the transports that work on this system, and a variant of shared memory with a
// small ring.
func opening() []transport.Transport {
	var all []transport.Transport
	for _, tr := range transports() {
		all = append(all, tr)
		if tr.Name == "shm" {
			little := transport.SHM(transport.SHMOptions{Size: hostileRing})
			little.Name = "shm of 4 KiB"
			all = append(all, little)
		}
	}
	return all
}
