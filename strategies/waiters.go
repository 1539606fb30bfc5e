package strategies

import "sync/atomic"

// waiters is the list of functions to call and channels to close when a future resolves. The list
// is lock-free, since most futures have at most one waiter.
type waiters struct{ head atomic.Pointer[waiter] }

// A waiter is a function to call, or a channel to close, when a future resolves. Once a waiter is
// in the list, it does not change.
type waiter struct {
	call func()        // nil if there is a channel to close
	done chan struct{} // nil if there is a function to call
	left *atomic.Bool  // set when the waiter no longer waits; nil if it waits until the end
	next *waiter

	length int // length of the list from here on
	kept   int // length of the list after the method swept last removed waiters
}

// tell informs w that the future has resolved: it calls the function of w, or closes its channel.
func (w *waiter) tell() {
	switch {
	case w.call == nil:
		close(w.done)
	case w.left == nil || !w.left.Load():
		w.call()
	}
}

// called is a special list head: it marks a future as resolved.
var called = new(waiter)

// sweepFrom is the length of a list from which on add removes the waiters that no longer wait.
const sweepFrom = 16

// add adds w to the list. If the future has already resolved, add calls w.tell instead. Each time
// the list has doubled in length, add removes the waiters that no longer wait, so that they do not
// accumulate even if the future never resolves.
func (l *waiters) add(w *waiter) {
	for {
		head := l.head.Load()
		if head == called {
			w.tell()
			return
		}
		w.follow(head.swept())
		if l.head.CompareAndSwap(head, w) {
			return
		}
	}
}

// closed returns a channel that is closed when the future resolves. Until then every call returns
// the same channel.
func (l *waiters) closed() <-chan struct{} {
	for {
		head := l.head.Load()
		if head == called {
			done := make(chan struct{})
			close(done)
			return done
		}
		for w := head; w != nil; w = w.next {
			if w.call == nil {
				return w.done
			}
		}
		w := &waiter{done: make(chan struct{})}
		w.follow(head)
		if l.head.CompareAndSwap(head, w) {
			return w.done
		}
	}
}

// resolved reports whether the future has resolved.
func (l *waiters) resolved() bool { return l.head.Load() == called }

// close marks the future as resolved and returns the list of its waiters. It is called once.
func (l *waiters) close() *waiter { return l.head.Swap(called) }

// tellAll calls tell for every waiter in the list that starts with w.
func (w *waiter) tellAll() {
	for ; w != nil; w = w.next {
		w.tell()
	}
}

// follow puts w in front of the list that starts with next, and computes w.length and w.kept.
func (w *waiter) follow(next *waiter) {
	w.next, w.length, w.kept = next, 1, 0
	if next != nil {
		w.length, w.kept = next.length+1, next.kept
	}
}

// swept returns the list that starts with w. If the list has doubled in length since the last
// sweep, swept first removes the waiters that no longer wait.
func (w *waiter) swept() *waiter {
	if w == nil || w.length < max(sweepFrom, 2*w.kept) {
		return w
	}
	var kept *waiter
	for ; w != nil; w = w.next {
		if w.left == nil || !w.left.Load() {
			one := &waiter{call: w.call, done: w.done, left: w.left}
			one.follow(kept)
			kept = one
		}
	}
	if kept != nil {
		kept.kept = kept.length
	}
	return kept
}
