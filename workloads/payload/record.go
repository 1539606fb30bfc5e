package payload

import (
	"math"

	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/workloads"
)

// Record is a flat struct, most of which is one field of bytes, in and out.
func Record() workloads.Workload {
	return shape[codec.Record, codec.Record]{
		name: "record",
		doc:  "reads a flat struct and returns it with a field changed: flat data in and out by value",
		uses: "allocates nothing but its data where that is decoded; reads it once, from whichever cache holds it",
		own:  codec.Default,
		kernel: func(task uint32, in codec.Record) (codec.Record, error) {
			out := in
			out.ID = recordDigest(uint64(task), in)
			return out, nil
		},
		input:   codec.NewRecord,
		digest:  func(r codec.Record) uint64 { return recordDigest(0, r) },
		structs: true,
	}.workload()
}

func recordDigest(h uint64, r codec.Record) uint64 {
	h = mix(h ^ r.ID ^ mix(uint64(r.Time)) ^ math.Float64bits(r.Value))
	if r.Valid {
		h++
	}
	return digest(digestOf(h, r.Name), r.Payload)
}
