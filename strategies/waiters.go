package strategies

import "sync/atomic"

// waiters is the list of the waiters for a future. It is lock-free, since most futures have at most
// one waiter.
type waiters struct{ head atomic.Pointer[waiter] }

// A waiter is a function to call, or a channel to close, when a future resolves. It does not change
// after it was added to the list.
type waiter struct {
	call func()        // nil if there is a channel to close
	done chan struct{} // nil if there is a function to call
	left *atomic.Bool  // set when the waiter gives up; nil if it never does
	next *waiter

	length int // length of the list from here on
	kept   int // length of the list after the last sweep
}

// tell calls the function of w, or closes its channel.

func (w *waiter) tell() {
	switch {
	case w.call == nil:
		close(w.done)
	case w.left == nil || !w.left.Load():
		w.call()
	}
}

// called is the head of the list of a future that has resolved.
var called = new(waiter)

// sweepFrom is the length from which a list is swept of waiters that gave up.
const sweepFrom = 16

// add adds w to the list, or tells it if the future has resolved. It sweeps a list that has doubled
// since the last sweep, so that waits that were given up do not accumulate, even if the future never
// resolves.
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

// closed returns a channel that is closed when the future has resolved. All calls before that return
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

// follow puts w before next.
func (w *waiter) follow(next *waiter) {
	w.next, w.length, w.kept = next, 1, 0
	if next != nil {
		w.length, w.kept = next.length+1, next.kept
	}
}

// swept returns the list w. If the list is due for a sweep, swept first drops the waiters that gave
// up.
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
