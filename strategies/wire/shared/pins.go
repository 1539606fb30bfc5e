package shared

import (
	"math"
	"slices"
)

// A reference does not say to which task it belongs: a codec encodes it, and a codec learns nothing
// about the task. Therefore a lane opens a window of time while it encodes a frame of tasks, and the
// arena notes the time at which it encodes each reference. If a block was referenced within a
// window, its memory is not reused until the lane closes the window for good, because no worker can
// run the tasks of the frame any more. Two lanes that encode at the same moment may keep each
// other's blocks a little longer than necessary.
//
// pins holds these windows. The mutex of the arena guards it.
type pins struct {
	clock   uint64 // counts windows and references
	encoded uint64 // counts references
	windows []window
}

// A window is the period of the clock from lo up to hi in which the tasks of one frame were encoded.
type window struct {
	lo, hi uint64
	since  uint64 // references encoded before it
}

// A Pin keeps the memory of the buffers that one frame refers to. The zero Pin keeps none.
type Pin uint64

// Open begins the encoding of a frame. The caller must pass the result to Shut.
func (a *Arena) Open() Pin {
	if a == nil {
		return 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clock++
	a.windows = append(a.windows, window{lo: a.clock, hi: math.MaxUint64, since: a.encoded})
	return Pin(a.clock)
}

// Shut ends the encoding of the frame of pin. It returns a Pin for Unpin, or 0 if the frame has no
// references.
func (a *Arena) Shut(pin Pin) Pin {
	if pin == 0 {
		return 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	i := a.windowOf(pin)
	if w := &a.windows[i]; w.since != a.encoded {
		w.hi = a.clock
		return pin
	}
	a.windows = slices.Delete(a.windows, i, i+1)
	if len(a.limbo) > 0 {
		a.sweep()
	}
	return 0
}

// Unpin records that no worker can use the buffers of a frame any more.
func (a *Arena) Unpin(pin Pin) {
	if pin == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	i := a.windowOf(pin)
	a.windows = slices.Delete(a.windows, i, i+1)
	if len(a.limbo) > 0 {
		a.sweep()
	}
}

func (a *Arena) windowOf(pin Pin) int {
	return slices.IndexFunc(a.windows, func(w window) bool { return w.lo == uint64(pin) })
}

// busy reports whether a worker may use block k. The caller holds mu.
func (a *Arena) busy(k *block) bool {
	return k.last > 0 && slices.ContainsFunc(a.windows, func(w window) bool { return w.lo <= k.last && k.first <= w.hi })
}

// refer notes that a reference to block k is being encoded. It returns a [FreedError] if k was
// freed.
func (a *Arena) refer(k *block) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.live[k.key] != k {
		return &FreedError{len(k.mem)}
	}
	if !a.busy(k) {
		k.first = a.clock + 1
	}
	a.clock++
	a.encoded++
	k.last = a.clock
	return nil
}

// buffer returns the Buffer that r refers to. Only a process that this process has sent a reference
// to the block knows the key in r.
func (a *Arena) buffer(r reference) (Buffer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.live[r.key]
	if k == nil {
		return Buffer{}, &ReferenceError{"the buffer was freed, or never existed"}
	}
	lo := r.at - uint64(k.at) // wraps around to a large number if r begins before the block
	if lo > uint64(len(k.mem)) || r.n > uint64(len(k.mem))-lo {
		return Buffer{}, &ReferenceError{"not within its buffer"}
	}
	return Buffer{k, int(lo), int(r.n)}, nil
}
