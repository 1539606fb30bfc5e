package strategies

import (
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// doneFlags has one flag for each slot of a stream in input order: whether the outcome in this slot
// is published. The slots form a ring that is used many times. The value that means "published"
// changes with each use, so flags are never reset.
type doneFlags []atomic.Uint32

// set publishes the outcome in slot i of the ring.
func (d doneFlags) set(i int) { d[i].Store(d[i].Load() ^ 1) }

// is reports whether the outcome of the task at position p is published. mask is the number of
// slots minus 1, so the slot of p is p&mask.
func (d doneFlags) is(p, mask uint64) bool {
	lap := p / (mask + 1)
	return d[p&mask].Load() == uint32(lap+1)&1
}

// doneLists holds the published slots of a stream in completion order. Each worker has its own
// linked list of slots, so workers do not compete for a list. Goroutines that are not workers
// ([work.Outside]) share one more list. If a pool runs more goroutines than it has workers, several
// goroutines share a list. The memory of all lists is one word per slot.
type doneLists struct {
	below []uint32 // by slot: next slot in its list, plus 1; 0 at the end of the list
	list  []doneList
	last  int    // index of the list that the consumer has read last
	rest  uint32 // first slot of the chain that the consumer has removed from that list and not returned yet, plus 1; 0 if there is none
}

// A doneList is a stack of published slots (Treiber, IBM RJ 5118, 1986). Workers push single slots.
// The consumer removes all slots at once, so a compare-and-swap of the top cannot succeed by
// mistake (the ABA problem).
type doneList struct {
	top atomic.Uint32 // slot that was published last, plus 1; 0 if the list is empty
	_   [60]byte
}

// newDoneLists returns empty lists: one for each of the given number of workers, and one for all
// other goroutines. The slots are numbered from 0 up to size-1.
func newDoneLists(size, workers int) doneLists {
	return doneLists{below: make([]uint32, size), list: make([]doneList, max(workers, 1)-work.Outside)}
}

// push publishes slot i to the consumer, in the list of worker w, which ran the task.
func (d *doneLists) push(i, w int) {
	at := w - work.Outside
	if at >= len(d.list) {
		at %= len(d.list)
	}
	l := &d.list[at]
	for {
		top := l.top.Load()
		d.below[i] = top
		if l.top.CompareAndSwap(top, uint32(i)+1) {
			return
		}
	}
}

// pop removes and returns a published slot. If there is none, ok is false. Only the consumer calls
// pop. pop empties one list after the other, oldest slot first. While pop empties a list, it
// ignores slots that are added to this list, so a busy worker cannot keep the consumer from the
// other lists.
func (d *doneLists) pop() (slot int, ok bool) {
	for range len(d.list) {
		if d.rest != 0 {
			break
		}
		if d.last++; d.last == len(d.list) {
			d.last = 0
		}
		d.rest = d.remove(d.last)
	}
	if d.rest == 0 {
		return 0, false
	}
	slot = int(d.rest - 1)
	d.rest = d.below[slot]
	return slot, true
}

// remove removes all slots of list i and links them again in d.below, with the oldest first. It
// returns the oldest slot plus 1, or 0 if the list is empty.
func (d *doneLists) remove(i int) (oldest uint32) {
	l := &d.list[i]
	if l.top.Load() == 0 {
		return 0
	}
	for at := l.top.Swap(0); at != 0; {
		below := d.below[at-1]
		d.below[at-1] = oldest
		oldest, at = at, below
	}
	return oldest
}

// any reports whether a list contains a published slot. Workers call it while the consumer sleeps.
// The consumer sleeps only after pop has returned every slot that it had removed, so any checks
// only the lists.
func (d *doneLists) any() bool {
	for i := range d.list {
		if d.list[i].top.Load() != 0 {
			return true
		}
	}
	return false
}

// A sleeper lets one goroutine sleep until other goroutines publish something. The other goroutines
// first publish and then read state; the sleeping goroutine first writes state and then checks what
// is published. Therefore at least one side sees the write of the other side, and no wake-up is
// lost.
type sleeper struct {
	state atomic.Int32
	token chan struct{} // capacity 1
}

const (
	awake    = iota
	dozing   // sleeps, but a timer will fire soon; other goroutines wake the sleeper earlier only if they have nothing else to do
	asleep   // sleeps, and must be woken at once when something is published
	summoned // was woken, but does not run yet
)

// sleep makes the calling goroutine sleep until another goroutine calls wake or the timer fires. A
// nil timer never fires. state is dozing or asleep; other goroutines read it to decide when to call
// wake. If the function ready returns true, sleep returns at once. The result reports whether the
// timer fired first.
func (s *sleeper) sleep(state int32, timer *time.Timer, ready func() bool) (timeout bool) {
	var fired <-chan time.Time
	if timer != nil {
		fired = timer.C
	}
	s.state.Store(state)
	if !ready() {
		select {
		case <-s.token:
			s.state.Store(awake)
			return false
		case <-fired:
			timeout = true
		}
	}
	if !s.state.CompareAndSwap(state, awake) {
		<-s.token // wake was called meanwhile
		s.state.Store(awake)
	}
	return timeout
}

// wake wakes the goroutine that sleeps in the method sleep, if there is one.
func (s *sleeper) wake() {
	for {
		now := s.state.Load()
		if now == awake || now == summoned {
			return
		}
		if s.state.CompareAndSwap(now, summoned) {
			s.token <- struct{}{}
			return
		}
	}
}
