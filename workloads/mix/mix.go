// Package mix makes numbers and bytes from seeds, and hashes bytes. The data of tasks and the
// digests of their outcomes come from it, so that they are the same on every machine and under
// every version of Go.
package mix

import (
	"encoding/binary"
	"math/bits"
)

// Odd is 2⁶⁴ over the golden ratio: its multiples are spread evenly.
const Odd = 0x9e3779b97f4a7c15

// Bits is the finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection in which
// each bit of x moves half of the bits of the result.
func Bits(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Fill fills b with pseudo-random bytes (SplitMix64) that follow from seed.
func Fill(b []byte, seed uint64) {
	x := Bits(seed)
	for ; len(b) >= 8; b = b[8:] {
		x += Odd
		binary.LittleEndian.PutUint64(b, Bits(x))
	}
	for i := range b {
		x += Odd
		b[i] = byte(Bits(x))
	}
}

// Hash returns the hash of b from state h, eight bytes at a time. It tells data apart; it is no
// cryptography.
func Hash(h uint64, b []byte) uint64 {
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^binary.LittleEndian.Uint64(b), 29) * Odd
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c), 29) * Odd
	}
	return Bits(h)
}

// Step returns the next number of a chain that takes time. It is a shift, an exclusive or and a
// multiplication, each of which waits for its predecessor: 1+1+3 cycles on today's x86 and ARM
// cores, so that 3 steps take 5 ns at 3 GHz.
func Step(x uint64) uint64 { return (x ^ x>>32) * 0xd6e8feb86659fd93 }

// Steps returns how many steps take that many ns, nominally.
func Steps(nanos int) uint64 { return uint64(nanos) * 3 / 5 }
