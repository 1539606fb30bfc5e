package payload

import (
	"encoding/binary"
	"errors"

	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

// errChanged is bytes that do not fit their checksum.
var errChanged = errors.New("bytes have changed on their way")

// Mirror is bytes that travel to the task and back. They begin with a checksum of the rest, so
// that a task that hands back what it was handed has read it all the same.
func Mirror() workloads.Workload {
	return shape[[]byte, []byte]{
		name: "mirror",
		doc:  "reads bytes, compares them with their checksum and hands them back: data in and out by value",
		uses: "allocates nothing but its data where that is decoded; reads it once, from whichever cache holds it",
		own:  raw.Name,
		kernel: func(_ uint32, in []byte) ([]byte, error) {
			if len(in) < 8 || binary.LittleEndian.Uint64(in) != digest(0, in[8:]) {
				return nil, errChanged
			}
			return in, nil
		},
		input: func(seed uint64, size int) []byte {
			b := codec.NewBytes(seed, size)
			binary.LittleEndian.PutUint64(b, digest(0, b[8:]))
			return b
		},
		digest: func(b []byte) uint64 { return digest(0, b) },
	}.workload()
}
