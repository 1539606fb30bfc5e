package strategies

import "sync/atomic"

// waiters is the list of the waiters for a future. It grows and is swept without a lock, since
// most futures have one waiter or none.
type waiters struct{ head atomic.Pointer[waiter] }

// A waiter is a call, or a channel to close, for when a future resolves. It does not change once
// it is in the list.
type waiter struct {
	call func()        // nil where there is a channel to close
	done chan struct{} // likewise
	left *atomic.Bool  // set when it waits no more; nil where it always does
	next *waiter

	length int // of the list from here on
	kept   int // length when it was swept last
}

func (w *waiter) tell() {
	switch {
	case w.call == nil:
		close(w.done)
	case w.left == nil || !w.left.Load():
		w.call()
	}
}

// called is the list of a future that has resolved.
var called = new(waiter)

// sweepFrom is the shortest list that is swept; a shorter one keeps waiters that left.
const sweepFrom = 16

// add puts w into the list, or tells it if the future has resolved. A list that has doubled
// since it was last swept is swept, so that repeated waits which were given up leave nothing
// behind, even if the future never resolves.
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

// closed returns a channel that is closed when the future has resolved, the same for all calls
// before that.
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

// told reports whether the future has resolved.
func (l *waiters) told() bool { return l.head.Load() == called }

// close marks the future as resolved, once, and returns the waiters to tell.
func (l *waiters) close() *waiter { return l.head.Swap(called) }

// tellAll tells every waiter in the list w.
func (w *waiter) tellAll() {
	for ; w != nil; w = w.next {
		w.tell()
	}
}

// follow makes w the one before next.
func (w *waiter) follow(next *waiter) {
	w.next, w.length, w.kept = next, 1, 0
	if next != nil {
		w.length, w.kept = next.length+1, next.kept
	}
}

// swept returns the list w without the waiters that left, if it is time, else w itself.
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
