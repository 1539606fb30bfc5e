package payload

import (
	"hash/crc32"

	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/workloads"
)

// newCRC returns the workload crc. It is like the workload send, but computes the checksum CRC-32.
// The standard libraries of other languages compute this checksum as fast as Go's. So a pool of
// another language can run the same tasks.
func newCRC() workloads.Workload {
	return byValue[[]byte, uint64]{
		kernel: func(_ uint32, in []byte) (uint64, error) { return uint64(crc32.ChecksumIEEE(in)), nil },
		input:  codec.NewBytes,
		digest: whole,
	}.workload(workloads.Workload{
		Name: "crc",
		Doc:  "computes the CRC-32 of bytes that are sent with the task",
		Uses: "allocates only its data when decoding it; reads the data once, from the cache level that holds it",
	})
}
