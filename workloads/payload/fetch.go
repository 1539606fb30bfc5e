package payload

import (
	"encoding/binary"
	"fmt"

	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

// An Order is what a task of [Fetch] is to make.
type Order struct{ Seed, Size uint64 }

// Fetch is a small task whose outcome is bytes.
func Fetch() workloads.Workload {
	return shape[Order, []byte]{
		name: "fetch",
		doc:  "makes bytes that travel back: data out by value",
		uses: "allocates its payload; writes it once, to whichever cache holds it",
		own:  raw.Name,
		kernel: func(task uint32, o Order) ([]byte, error) {
			if o.Size > Largest {
				return nil, fmt.Errorf("order of %d bytes: must be at most %d", o.Size, Largest)
			}
			b := make([]byte, o.Size)
			fill(b, mix(o.Seed+uint64(task)))
			return b, nil
		},
		input:  func(seed uint64, size int) Order { return Order{seed, uint64(size)} },
		digest: func(b []byte) uint64 { return digest(0, b) },
	}.workload()
}

// fill writes all of b, with words that are multiples of one that the seed picks.
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
