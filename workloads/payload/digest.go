package payload

import (
	"encoding/binary"
	"math/bits"
)

// odd is 2⁶⁴ over the golden ratio: multiples of it are spread evenly.
const odd = 0x9e3779b97f4a7c15

// digest reads all of b, eight words at a time in four chains that do not wait for each
// other, so that the memory is what bounds it. It tells data apart; it is no cryptography.
func digest(h uint64, b []byte) uint64 {
	lanes := [4]uint64{h, h ^ odd, h + odd, ^h}
	for ; len(b) >= 64; b = b[64:] {
		for i := range lanes {
			x := binary.LittleEndian.Uint64(b[16*i:])
			y := binary.LittleEndian.Uint64(b[16*i+8:])
			lanes[i] = bits.RotateLeft64(lanes[i]^x, 29)*odd + y
		}
	}
	h = lanes[0] ^ bits.RotateLeft64(lanes[1], 16) ^ bits.RotateLeft64(lanes[2], 32) ^ bits.RotateLeft64(lanes[3], 48)
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^binary.LittleEndian.Uint64(b), 29) * odd
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c), 29) * odd
	}
	return mix(h)
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// digestOf is digest of a text, which is short.
func digestOf(h uint64, s string) uint64 {
	for i := range len(s) {
		h = bits.RotateLeft64(h^uint64(s[i]), 29) * odd
	}
	return mix(h ^ uint64(len(s)))
}
