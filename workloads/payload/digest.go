package payload

import (
	"encoding/binary"
	"math/bits"

	"github.com/payoff-bench/payoff/workloads/mix"
)

// digest returns a hash of the bytes b. The argument h is the initial state of the hash. It reads
// eight words at a time in four independent chains, so that only memory limits its speed. The hash
// is not cryptographic.
func digest(h uint64, b []byte) uint64 {
	lanes := [4]uint64{h, h ^ mix.Odd, h + mix.Odd, ^h}
	for ; len(b) >= 64; b = b[64:] {
		for i := range lanes {
			x := binary.LittleEndian.Uint64(b[16*i:])
			y := binary.LittleEndian.Uint64(b[16*i+8:])
			lanes[i] = bits.RotateLeft64(lanes[i]^x, 29)*mix.Odd + y
		}
	}
	return mix.Hash(lanes[0]^bits.RotateLeft64(lanes[1], 16)^bits.RotateLeft64(lanes[2], 32)^bits.RotateLeft64(lanes[3], 48), b)
}

// digestOf returns a hash of the short text s. The argument h is the initial state of the hash.
func digestOf(h uint64, s string) uint64 {
	for i := range len(s) {
		h = bits.RotateLeft64(h^uint64(s[i]), 29) * mix.Odd
	}
	return mix.Bits(h ^ uint64(len(s)))
}
