package shared

import "slices"

// An extent is the range of bytes from lo up to, but not including, hi.
type extent struct{ lo, hi int }

func (e extent) len() int { return e.hi - e.lo }

// An extents is a list of free ranges of memory, in ascending order. No two of them overlap or
// touch.
type extents []extent

// take removes n bytes from the first range that is long enough, and returns their offset. It
// returns false if there is no such range.
func (x *extents) take(n int) (at int, ok bool) {
	i := slices.IndexFunc(*x, func(e extent) bool { return e.len() >= n })
	if i < 0 {
		return 0, false
	}
	e := &(*x)[i]
	at = e.lo
	if e.lo += n; e.lo == e.hi {
		*x = slices.Delete(*x, i, i+1)
	}
	return at, true
}

// put adds the range e, which must not overlap a range of the list. It joins e with the ranges that
// touch it.
func (x *extents) put(e extent) {
	i, _ := slices.BinarySearchFunc(*x, e.lo, func(o extent, lo int) int { return o.lo - lo })
	from, to := i, i
	if i > 0 && (*x)[i-1].hi == e.lo {
		from--
		e.lo = (*x)[from].lo
	}
	if i < len(*x) && (*x)[i].lo == e.hi {
		e.hi = (*x)[i].hi
		to++
	}
	*x = slices.Replace(*x, from, to, e)
}

// largest returns the length of the longest range.
func (x extents) largest() (n int) {
	for _, e := range x {
		n = max(n, e.len())
	}
	return n
}
