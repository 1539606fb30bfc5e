package simulate

// An entry is a worker or a core, with the time of its next event.
type entry struct {
	time float64
	id   int32
}

// A heap is a 4-ary heap of entries, with the earliest entry at index 0. It causes fewer cache
// misses than a binary heap.
type heap []entry

func newHeap(n int) heap {
	h := make(heap, n)
	for i := range h {
		h[i].id = int32(i)
	}
	return h
}

// replace sets the time of the earliest entry, and restores the order of the heap.
func (h heap) replace(time float64) {
	e := entry{time, h[0].id}
	at := 0
	for {
		least, first := -1, 4*at+1
		for c := first; c < min(first+4, len(h)); c++ {
			if least < 0 || h[c].time < h[least].time {
				least = c
			}
		}
		if least < 0 || h[least].time >= time {
			h[at] = e
			return
		}
		h[at] = h[least]
		at = least
	}
}
