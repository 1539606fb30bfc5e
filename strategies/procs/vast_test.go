//go:build unix

package procs

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/cbor"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
)

// vast returns as many bytes as its input says, and its input can have as many bytes. No code
// touches these bytes, so they take no memory.
var vast = strategies.Kernel[int, int]{
	Name: "vast",
	In: strategies.Codec[int]{
		Append: func(dst []byte, n int) ([]byte, error) {
			if n < 0 { // the output is vast
				return strconv.AppendInt(dst, int64(n), 10), nil
			}
			return appendRoom(dst, n)
		},
		Decode: func(src []byte) (int, error) {
			if len(src) > 0 && src[0] == '-' {
				return strconv.Atoi(string(src))
			}
			return len(src), nil
		},
	},
	Out: strategies.Codec[int]{
		Append: func(dst []byte, n int) ([]byte, error) {
			if n < 0 {
				return appendRoom(dst, -n)
			}
			return strconv.AppendInt(dst, int64(n), 10), nil
		},
		Decode: func(src []byte) (int, error) { return strconv.Atoi(string(src)) },
	},
	Func: func(_ context.Context, n int) (int, error) { return n, nil },
}

// appendRoom appends n zero bytes.
func appendRoom(dst []byte, n int) ([]byte, error) {
	if n < 1<<20 {
		return append(dst, make([]byte, n)...), nil
	}
	room, err := unix.Mmap(-1, 0, len(dst)+n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	copy(room, dst)
	return room, err
}

// TestTooLarge checks a task whose input or output is too large for a frame. Only this task must
// fail, and the pool must not read the bytes of the payload.
func TestTooLarge(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates as much memory as is reserved")
	}
	x := newPool(t, 2)
	large := int64(5 << 30)
	if large > math.MaxInt {
		t.Skip("an int is too small for 5 GiB")
	}
	huge := int(large)
	in := []int{3, wire.MaxPayload + 1, 5, huge, 7, -wire.MaxPayload, 9, -huge, 11}
	for _, size := range []int{1, len(in)} {
		out, err := vast.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(size)})
		var job *strategies.JobError
		if !errors.As(err, &job) || job.Failed != 4 {
			t.Fatalf("chunk %d: %v", size, err)
		}
		for i, n := range in {
			var codec *strategies.CodecError
			step, text := "encode input", wire.ErrTooLarge.Error()
			if n < 0 {
				step = "encode output"
			} else if n == huge {
				text = "longer than 4 GiB"
			}
			switch err := job.Task(i); {
			case n > 0 && n < 100:
				if err != nil || out[i] != n {
					t.Errorf("chunk %d: task %d: %d, %v", size, i, out[i], err)
				}
			case !errors.As(err, &codec) || codec.Step != step || !strings.Contains(err.Error(), text):
				t.Errorf("chunk %d: task %d: %v", size, i, err)
			}
		}
	}
	if n := x.Account().Restarts.Lost; n > 0 {
		t.Errorf("%d workers were lost", n)
	}
}

// TestCodecsThatDoNotAppend checks a codec that returns other bytes than the slice that it received
// with bytes appended. Only its own task must fail.
func TestCodecsThatDoNotAppend(t *testing.T) {
	x := newPool(t, 2)
	k := echo
	k.In.Lend = nil
	k.In.Append = func(dst, v []byte) ([]byte, error) {
		switch string(v) {
		case "ignores":
			return []byte("a text that is no frame, and long enough to be taken for one"), nil
		case "forgets":
			return nil, nil
		}
		return append(dst, v...), nil
	}
	in := make([][]byte, 100)
	for i := range in {
		in[i] = []byte(strconv.Itoa(i))
	}
	in[17], in[18], in[60] = []byte("ignores"), []byte("forgets"), []byte("ignores")
	for _, size := range []int{1, 10} {
		out, err := k.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(size)})
		var job *strategies.JobError
		if !errors.As(err, &job) || job.Failed != 3 || x.Account().Restarts.Lost > 0 {
			t.Errorf("chunk %d: %v", size, err)
		}
		for i, v := range out {
			if i != 17 && i != 18 && i != 60 && string(v) != string(in[i]) {
				t.Errorf("chunk %d: got output %q of task %d", size, v, i)
			}
		}
	}
}

// TestOtherCodecs checks codecs of the parent that differ from those of the worker. Every task must
// fail with the error of the side that cannot decode the bytes. No worker may be lost.
func TestOtherCodecs(t *testing.T) {
	x := newPool(t, 2)
	in := strategies.Kernel[string, uint64]{
		Name: number.Name, In: texts, Out: numbers,
		Func: func(context.Context, string) (uint64, error) { return 0, nil },
	}
	out := strategies.Kernel[uint64, codec.Record]{
		Name: number.Name, In: numbers, Out: cbor.Of[codec.Record](),
		Func: func(context.Context, uint64) (r codec.Record, err error) { return r, nil },
	}
	_, errIn := in.Map(t.Context(), x, []string{"a text", "", "another"}, strategies.Options{})
	_, errOut := out.Map(t.Context(), x, []uint64{1, 2, 3}, strategies.Options{})
	for step, err := range map[string]error{"decode input": errIn, "decode output": errOut} {
		var job *strategies.JobError
		if !errors.As(err, &job) || job.Failed != 3 {
			t.Fatalf("%s: %v", step, err)
		}
		for task := range job.Failures() {
			var failed *strategies.CodecError
			if !errors.As(task, &failed) || failed.Step != step || task.Worker == nil {
				t.Errorf("%s: %v", step, task)
			}
		}
	}
	if n := x.Account().Restarts.Lost; n > 0 {
		t.Errorf("%d workers were lost", n)
	}
}
