package payload

import (
	"encoding/binary"

	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

// Mirror is bytes that travel to the task and as many that come back.
func Mirror() workloads.Workload {
	return shape[[]byte, []byte]{
		name: "mirror",
		doc:  "reads bytes and makes as many anew, which travel back: data in and out by value",
		uses: "allocates its payload; reads and writes it once, in whichever cache holds it",
		own:  raw.Name,
		kernel: func(task uint32, in []byte) ([]byte, error) {
			out := append([]byte(nil), in...)
			// What the first bytes are only who has read the whole of it knows.
			binary.LittleEndian.PutUint64(out, digest(uint64(task), in))
			return out, nil
		},
		input:  codec.NewBytes,
		digest: func(b []byte) uint64 { return digest(0, b) },
	}.workload()
}
