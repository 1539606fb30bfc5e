package workloads

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A kernel called by bytes, as in a worker process, returns what it returns here.
func TestCall(t *testing.T) {
	for _, w := range All() {
		l := prepare(t, w, sound(t, w), 3).(interface {
			Load
			called(*testing.T, work.Callable, int)
		})
		l.called(t, w.Kernel, 2)
	}
}

// called calls task i both ways.
func (t *Typed[In, Out]) called(test *testing.T, k work.Callable, i int) {
	test.Helper()
	src, err := t.Kernel.In.Append(nil, t.in[i])
	if err != nil {
		test.Fatal(err)
	}
	out, err := t.Kernel.Func(test.Context(), t.in[i])
	if err != nil {
		test.Fatal(err)
	}
	got, err := k.Call(test.Context(), []byte("head"), src)
	if err != nil {
		test.Fatal(err)
	}
	there, err := t.Kernel.Out.Decode(got[len("head"):])
	if err != nil {
		test.Fatal(err)
	}
	index, value := t.Number(out)
	if n, v := t.Number(there); n != index || v != value || n != i {
		test.Errorf("%s: called %d, %x, want %d, %x", k.KernelName(), n, v, index, value)
	}
}

func TestSizes(t *testing.T) {
	task, _ := appendTask(nil, Task{})
	outcome, _ := appendOutcome(nil, Outcome{})
	if len(task) != taskSize || len(outcome) != outcomeSize {
		t.Errorf("task of %d bytes, outcome of %d", len(task), len(outcome))
	}
	for _, n := range []int{0, 15, 17} {
		if _, err := decodeTask(make([]byte, n)); err == nil {
			t.Errorf("task of %d bytes: no error", n)
		}
	}
	for _, n := range []int{0, 11, 13} {
		if _, err := decodeOutcome(make([]byte, n)); err == nil {
			t.Errorf("outcome of %d bytes: no error", n)
		}
	}
	for _, n := range []int{0, 12, 19, 21} {
		if _, err := waitedCodec().Decode(make([]byte, n)); err == nil {
			t.Errorf("outcome with a time of %d bytes: no error", n)
		}
	}
	for _, n := range []int{0, taskSize, taskSize + maxPath + 1} {
		if _, err := decodeFile(make([]byte, n)); err == nil {
			t.Errorf("file task of %d bytes: no error", n)
		}
	}
	huge, _ := appendFile(nil, File{Task{Steps: MaxPayload + 1}, "d"})
	if _, err := decodeFile(huge); err == nil {
		t.Error("file larger than allowed: no error")
	}
}

// Decoding never panics, and what decodes encodes to the same bytes.
func roundTrip[T any](f *testing.F, c strategies.Codec[T], seeds ...T) {
	for _, v := range seeds {
		b, _ := c.Append(nil, v)
		f.Add(b)
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, src []byte) {
		was := bytes.Clone(src)
		v, err := c.Decode(src)
		if err != nil {
			return
		}
		clear(src) // which decoding must not have kept
		got, err := c.Append([]byte("x"), v)
		if err != nil || !bytes.Equal(got[1:], was) {
			t.Errorf("%x became %x, %v", was, got, err)
		}
	})
}

func FuzzTask(f *testing.F) {
	roundTrip(f, taskCodec(), Task{1, 2, 3})
}

func FuzzOutcome(f *testing.F) {
	roundTrip(f, outcomeCodec(), Outcome{1, 2})
}

func FuzzWaited(f *testing.F) {
	roundTrip(f, waitedCodec(), Waited{Outcome{1, 2}, 3})
}

func FuzzMessage(f *testing.F) {
	roundTrip(f, strategies.Codec[Message]{Append: appendMessage, Decode: decodeMessage}, Message{}, Message{Task{1, 2, 3}, []byte("data")})
}

func FuzzFile(f *testing.F) {
	roundTrip(f, strategies.Codec[File]{Append: appendFile, Decode: decodeFile}, File{Task{1, 2, 3}, "/tmp"})
}

// Where the payload is whole blocks, sha256 is the hash of the payload repeated.
func TestSHA256(t *testing.T) {
	data := make([]byte, 5*shaBlock)
	fill(data, 1)
	m := Message{Task{Index: 3, Seed: 12, Steps: 13}, data} // 12 % 5: begins with block 2
	sum := sha256.Sum256(bytes.Repeat(data, 4)[2*shaBlock : 15*shaBlock])
	got, err := sha(t.Context(), m)
	want := Outcome{Index: 3, Value: mix(m.start() ^ binary.LittleEndian.Uint64(sum[:]))}
	if err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

// Each byte of a payload counts, also at sizes that are not whole blocks.
func TestSHA256Covers(t *testing.T) {
	for _, size := range []int{1, 63, 64, 65, 127, 200} {
		m := Message{Task{Seed: 1, Steps: 10}, make([]byte, size)}
		want, _ := sha(t.Context(), m)
		for i := range m.Data {
			m.Data[i] = 1
			if got, _ := sha(t.Context(), m); got == want {
				t.Errorf("payload of %d bytes: byte %d does not count", size, i)
			}
			m.Data[i] = 0
		}
	}
}

func TestPayloads(t *testing.T) {
	data := payloads(1, 100)
	if bytes.Equal(data(0), data(1)) || len(data(1)) != 100 {
		t.Error("tasks 0 and 1 have the same payload")
	}
	if !bytes.Equal(data(1), payloads(1, 100)(1)) {
		t.Error("the payload of task 1 depends on whether task 0 was asked before")
	}
	large := payloads(1, 40<<20)
	if &large(0)[0] != &large(7)[0] {
		t.Error("large payloads are not shared")
	}
}
