package work

import "sync/atomic"

// A Range is a span whose slots are claimed from both ends: one atomic word lo|hi. Its owner
// (or every worker, if it is shared) claims from the low end; a thief, Stop or a recall takes
// the high end. The word is the whole state, so a compare-and-swap with a stale value that
// succeeds is still correct. A late Add may leave lo beyond hi; the range is then empty.
//
// A Range is padded, so that two of them never share a cache line.
type Range struct {
	word atomic.Uint64
	_    [120]byte
}

func pack(lo, hi uint32) uint64       { return uint64(lo)<<32 | uint64(hi) }
func unpack(x uint64) (lo, hi uint32) { return uint32(x >> 32), uint32(x) }

// Set makes s the span of r. Only one goroutine may call it, and only while r is empty.
func (r *Range) Set(s Span) { r.word.Store(pack(uint32(s.Lo), uint32(s.Hi))) }

// Len returns the number of unclaimed slots.
func (r *Range) Len() int {
	lo, hi := unpack(r.word.Load())
	return max(0, int(hi)-int(lo))
}

// Add claims up to n slots from the low end; it claims none if the returned lo is not below hi.
// It is a single atomic addition, which costs half as much as Claim. Each worker may add once too
// late to a range that it saw with tasks. With an n from [Addable], the late additions of
// MaxWorkers workers cannot overflow lo.
func (r *Range) Add(n uint32) (lo, hi uint32) {
	lo, hi = unpack(r.word.Add(uint64(n) << 32))
	return lo - n, min(lo, hi)
}

const (
	addMost = 1 << 12
	addEnd  = 1 << 31
)

// Addable returns size if [Range.Add] may claim that many slots at a time from ranges of slots
// below end, else 0.
func Addable(size, end int) uint32 {
	if size <= addMost && uint64(end) <= addEnd {
		return uint32(size)
	}
	return 0
}

// Claim takes up to n slots from the low end. The span is empty if r is.
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

// Steal takes slots from the high end: as many as share returns for the number of unclaimed
// slots. The span is empty if r is, or if share returns 0.
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

// Clear takes all unclaimed slots.
func (r *Range) Clear() Span { return r.Steal(func(n int) int { return n }) }
