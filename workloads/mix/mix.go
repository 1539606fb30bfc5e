// Package mix makes numbers and bytes from seeds, and hashes bytes. Its results are the same on
// every machine and with every version of Go. So tasks are the same everywhere, and so are their
// digests.
package mix

import (
	"encoding/binary"
	"math/bits"
)

// Odd is 2⁶⁴ divided by the golden ratio, as an odd integer. Its multiples modulo 2⁶⁴ are spread
// evenly over all 64-bit numbers.
const Odd = 0x9e3779b97f4a7c15

// Bits returns the bits of x mixed by the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
// Different numbers have different results. A change of one bit of x changes about half of the bits
// of the result.
func Bits(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Fill fills b with pseudo-random bytes from SplitMix64. The bytes depend only on seed.
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

// Hash returns a hash of the bytes b. The argument h is the initial state of the hash, for example
// the hash of earlier bytes. The hash is not cryptographic.
func Hash(h uint64, b []byte) uint64 {
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^binary.LittleEndian.Uint64(b), 29) * Odd
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c), 29) * Odd
	}
	return Bits(h)
}

// Step returns the number after x in a chain of numbers. It computes a shift, an exclusive or and a
// multiplication. Each operation needs the result of the one before, so a processor cannot run them
// in parallel. They take 1+1+3 cycles on current x86 and ARM cores, so 3 steps take 5 ns at 3 GHz.
func Step(x uint64) uint64 { return (x ^ x>>32) * 0xd6e8feb86659fd93 }

// Steps returns the number of calls of Step that together take nanos nanoseconds at 3 GHz.
func Steps(nanos int) uint64 { return uint64(nanos) * 3 / 5 }
