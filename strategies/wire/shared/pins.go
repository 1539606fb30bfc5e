package shared

import (
	"math"
	"slices"
)

// A pins holds windows, the periods in which frames of tasks were encoded. The windows decide when
// the memory of a freed block may be reused.
//
// A reference does not say to which task it belongs, because the codec that encodes it does not
// know the task. Therefore the goroutine that sends tasks to a worker opens a window before it
// encodes a frame of tasks, and shuts it afterwards. For each block, the arena records when
// references to it were encoded. If one of these times is within a window, the memory of the block
// is not reused until the goroutine releases the window. It does so when no worker can run the
// tasks of the frame any more. Two goroutines that encode at the same time may keep each other's
// blocks a little longer than necessary.
//
// The mutex of the arena guards pins.
type pins struct {
	clock   uint64 // counts windows and references
	encoded uint64 // counts references
	windows []window
}

// A window is the period in which the tasks of one frame were encoded. It extends from lo to hi,
// inclusive, in ticks of the clock in pins.
type window struct {
	lo, hi uint64
	since  uint64 // references encoded before it
}

// A Pin keeps the memory of the buffers to which one frame refers from being reused. The zero Pin
// stands for no buffers.
type Pin uint64

// Open begins the encoding of a frame and returns its Pin. The caller must later pass this Pin to
// Shut.
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

// Shut ends the encoding of the frame with the given Pin, which Open has returned. If the frame has
// references, Shut returns the Pin, and the caller must later pass it to Unpin. Otherwise it
// returns 0.
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

// Unpin records that no worker can any longer use the buffers to which the frame with the given Pin
// refers. If pin is 0, Unpin does nothing.
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

// busy reports whether a worker may still use the block k. The caller must hold mu.
func (a *Arena) busy(k *block) bool {
	return k.last > 0 && slices.ContainsFunc(a.windows, func(w window) bool { return w.lo <= k.last && k.first <= w.hi })
}

// refer records that a reference to the block k is being encoded. If k was freed, it returns a
// [FreedError].
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

// buffer returns the Buffer to which the reference r points. A reference contains the key of its
// block. Another process knows this key only if this process has sent it a reference to the block.
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
