package work

import "sync/atomic"

// A Range is a span that is claimed from both ends: one atomic word lo|hi. Its owner
// (or, where it is shared, every worker) claims from the low end; a thief, Stop or a
// recall takes the high end. The word is the whole state, so a stale compare and
// swap that succeeds is still right. A claim that comes too late may leave lo beyond hi,
// which is as empty as lo at hi.
//
// Range is padded: two of them never share a cache line.
type Range struct {
	word atomic.Uint64
	_    [120]byte
}

func pack(lo, hi uint32) uint64       { return uint64(lo)<<32 | uint64(hi) }
func unpack(x uint64) (lo, hi uint32) { return uint32(x >> 32), uint32(x) }

// Set makes s the span of r. Only one may Set a range, and only while it is empty.
func (r *Range) Set(s Span) { r.word.Store(pack(uint32(s.Lo), uint32(s.Hi))) }

// Len returns how many slots are unclaimed.
func (r *Range) Len() int {
	lo, hi := unpack(r.word.Load())
	return max(0, int(hi)-int(lo))
}

// Add claims n slots from the low end, fewer if fewer are unclaimed, none if lo is not below
// hi. It is one addition that is never repeated and costs half of Claim. Each worker may come
// too late once for a range that it saw claimable. With the n that [Addable] returns, these late
// additions of MaxWorkers workers cannot overflow lo.
func (r *Range) Add(n uint32) (lo, hi uint32) {
	lo, hi = unpack(r.word.Add(uint64(n) << 32))
	return lo - n, min(lo, hi)
}

const (
	addMost = 1 << 12
	addEnd  = 1 << 31
)

// Addable returns size for [Range.Add] where it is safe on ranges of slots below end, else 0.
func Addable(size, end int) uint32 {
	if size <= addMost && uint64(end) <= addEnd {
		return uint32(size)
	}
	return 0
}

// Claim takes up to n slots from the low end; the span is empty when r is.
func (r *Range) Claim(n int) Span {
	for {
		x := r.word.Load()
		lo, hi := unpack(x)
		if lo >= hi {
			return Span{}
		}
		next := uint32(min(uint64(lo)+uint64(n), uint64(hi)))
		if r.word.CompareAndSwap(x, pack(next, hi)) {
			return Span{int(lo), int(next)}
		}
	}
}

// Steal takes n slots from the high end, n being what share returns for the number
// that is unclaimed; the span is empty when r is, or n is 0.
func (r *Range) Steal(share func(unclaimed int) int) Span {
	for {
		x := r.word.Load()
		lo, hi := unpack(x)
		if lo >= hi {
			return Span{}
		}
		n := uint32(min(share(int(hi-lo)), int(hi-lo)))
		if n == 0 {
			return Span{}
		}
		if r.word.CompareAndSwap(x, pack(lo, hi-n)) {
			return Span{int(hi - n), int(hi)}
		}
	}
}

// Clear takes all that is unclaimed.
func (r *Range) Clear() Span { return r.Steal(func(n int) int { return n }) }
