package payload

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// newSend returns the workload send. Each task receives Params.Payload bytes and returns a number.
func newSend() workloads.Workload {
	return byValue[[]byte, uint64]{
		kernel: func(task uint32, in []byte) (uint64, error) { return digest(uint64(task), in), nil },
		input:  codec.NewBytes,
		digest: whole,
	}.workload(workloads.Workload{
		Name: "send",
		Doc:  "reads bytes that the worker receives with the task",
		Uses: "allocates memory only to decode its data; reads the data once, from the cache level that holds it",
	})
}

// An order is the input of a task of the workload fetch. It determines the bytes that the task
// makes.
type order struct{ Seed, Size uint64 }

// newFetch returns the workload fetch. Each task receives a small input and returns Params.Payload
// bytes.
func newFetch() workloads.Workload {
	return byValue[order, []byte]{
		kernel: func(task uint32, o order) ([]byte, error) {
			if o.Size > largest {
				return nil, fmt.Errorf("a task of workload fetch cannot make %d bytes: the number must be at most %d", o.Size, largest)
			}
			b := make([]byte, o.Size)
			fill(b, mix.Bits(o.Seed+uint64(task)))
			return b, nil
		},
		input:  func(seed uint64, size int) order { return order{seed, uint64(size)} },
		digest: func(b []byte) uint64 { return digest(0, b) },
	}.workload(workloads.Workload{
		Name: "fetch",
		Doc:  "makes payload bytes, which the worker sends back as the output",
		Uses: "allocates its payload; writes it once, to the cache level that holds it",
	})
}

// fill fills b with the words of an arithmetic sequence that seed determines.
func fill(b []byte, seed uint64) {
	x, step := seed, seed|1
	for ; len(b) >= 8; b = b[8:] {
		x += step
		binary.LittleEndian.PutUint64(b, x)
	}
	for i := range b {
		x += step
		b[i] = byte(x >> 32)
	}
}

// newMirror returns the workload mirror. Each task receives bytes and returns them. The bytes begin
// with a checksum of the other bytes, so that a task must read all of them before it returns them.
func newMirror() workloads.Workload {
	return byValue[[]byte, []byte]{
		kernel: func(_ uint32, in []byte) ([]byte, error) {
			if len(in) < 8 || binary.LittleEndian.Uint64(in) != digest(0, in[8:]) {
				return nil, errors.New("the bytes do not match their checksum: they have changed on the way to the task")
			}
			return in, nil
		},
		input: func(seed uint64, size int) []byte {
			b := codec.NewBytes(seed, size)
			binary.LittleEndian.PutUint64(b, digest(0, b[8:]))
			return b
		},
		digest: func(b []byte) uint64 { return digest(0, b) },
	}.workload(workloads.Workload{
		Name: "mirror",
		Doc:  "reads bytes, compares them with their checksum and returns them: data passes in both directions",
		Uses: "allocates memory only to decode its data; reads the data once, from the cache level that holds it",
	})
}
