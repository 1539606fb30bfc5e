package work

import "sync/atomic"

// A Range is a [Span] whose slots are claimed from both ends. The owner of the range claims from
// the low end; in a shared range every worker does. Goroutines that take tasks away from the owner
// claim from the high end.
//
// One atomic word holds both ends, lo and hi. The word is the whole state of the span, so a
// compare-and-swap is correct whenever it succeeds. Add can move lo beyond hi; the span is then
// empty.
//
// By GiveBack, a worker that has claimed slots can give the last of them back. The slots given back
// form a second span, which is claimed when the first span is empty.
//
// A Range is padded so that two ranges never share a cache line.
type Range struct {
	word   atomic.Uint64
	back   atomic.Uint64 // the span of the slots given back by GiveBack
	wanted atomic.Bool
	_      [108]byte
}

func pack(lo, hi uint32) uint64       { return uint64(lo)<<32 | uint64(hi) }
func unpack(x uint64) (lo, hi uint32) { return uint32(x >> 32), uint32(x) }

// Set makes s the span of r. Only one goroutine may call it, and only while r is empty.
func (r *Range) Set(s Span) {
	r.wanted.Store(false)
	r.word.Store(pack(uint32(s.Lo), uint32(s.Hi)))
}

// Len returns the number of unclaimed slots.
func (r *Range) Len() int { return length(&r.word) + length(&r.back) }

func length(word *atomic.Uint64) int {
	lo, hi := unpack(word.Load())
	return max(0, int(hi)-int(lo))
}

// Want records that a worker has no tasks. Workers that run claimed slots of r call Wanted to learn
// this, and can then give slots back.
func (r *Range) Want() {
	if !r.wanted.Load() {
		r.wanted.Store(true)
	}
}

// Wanted reports whether Want was called since the last Set or GiveBack.
func (r *Range) Wanted() bool { return r.wanted.Load() }

// GiveBack returns the slots of s to r, so that other workers can claim them. The caller has
// claimed these slots, at least one. GiveBack does nothing and returns false if r still holds slots
// that were given back before.
func (r *Range) GiveBack(s Span) bool {
	x := r.back.Load()
	if lo, hi := unpack(x); lo < hi || !r.back.CompareAndSwap(x, pack(uint32(s.Lo), uint32(s.Hi))) {
		return false
	}
	r.wanted.Store(false)
	return true
}

// Add claims up to n slots from the low end, by a single atomic addition. It costs half as much as
// Claim. The claimed slots are lo up to hi-1; if lo is not below hi, Add claimed none.
//
// Each addition moves the low end, even if the range is empty, so too many calls would overflow.
// After a call that claimed no slots, a worker must not call Add again for this range. If every
// worker obeys this rule and n comes from [Addable], even MaxWorkers workers cause no overflow.
func (r *Range) Add(n uint32) (lo, hi uint32) {
	lo, hi = unpack(r.word.Add(uint64(n) << 32))
	return lo - n, min(lo, hi)
}

const (
	addMost = 1 << 12
	addEnd  = 1 << 31
)

// Addable returns size if [Range.Add] can claim size slots at a time, without an overflow, from a
// range whose slots are all below end. Otherwise it returns 0, and the caller must use
// [Range.Claim].
func Addable(size, end int) uint32 {
	if size <= addMost && uint64(end) <= addEnd {
		return uint32(size)
	}
	return 0
}

// Claim takes up to n slots from the low end. The result is empty if r is empty.
func (r *Range) Claim(n int) Span {
	s := claim(&r.word, n)
	if s.Len() == 0 {
		s = claim(&r.back, n)
	}
	return s
}

func claim(word *atomic.Uint64, n int) Span {
	for {
		x := word.Load()
		lo, hi := unpack(x)
		if lo >= hi {
			return Span{}
		}
		next := uint32(min(uint64(lo)+uint64(n), uint64(hi)))
		if word.CompareAndSwap(x, pack(next, hi)) {
			return Span{int(lo), int(next)}
		}
	}
}

// Steal takes slots from the high end. It passes the number of unclaimed slots to the function
// share, which returns how many to take. The result is empty if r is empty or share returns 0.
func (r *Range) Steal(share func(unclaimed int) int) Span {
	s := steal(&r.word, share)
	if s.Len() == 0 {
		s = steal(&r.back, share)
	}
	return s
}

func steal(word *atomic.Uint64, share func(unclaimed int) int) Span {
	for {
		x := word.Load()
		lo, hi := unpack(x)
		if lo >= hi {
			return Span{}
		}
		n := uint32(min(share(int(hi-lo)), int(hi-lo)))
		if n == 0 {
			return Span{}
		}
		if word.CompareAndSwap(x, pack(lo, hi-n)) {
			return Span{int(hi - n), int(hi)}
		}
	}
}

// Clear takes all slots of one kind from r and returns them: those left from the last Set or, if
// there are none, those that GiveBack returned to r. To take every slot, call Clear until the
// result is empty.
func (r *Range) Clear() Span { return r.Steal(func(n int) int { return n }) }
