package procs

import (
	"sync"
	"sync/atomic"
)

// A waker interrupts the poll of the one lane that owns it.
type waker struct {
	r, w  int // descriptors; the same one where an eventfd does
	awake atomic.Bool

	mu     sync.Mutex
	closed bool
}

// wake makes the next poll, or the one that runs, return at once.
func (k *waker) wake() {
	if k.awake.Swap(true) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.closed {
		one := [8]byte{1}
		rawWrite(k.w, one[:]) // full means that it will return anyway
	}
}

// drain makes the next poll wait again. What was to be seen is looked at after it.
func (k *waker) drain() {
	var b [64]byte
	rawRead(k.r, b[:])
	k.awake.Store(false)
}

func (k *waker) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	closeAll(k.r)
	if k.w != k.r {
		closeAll(k.w)
	}
}
