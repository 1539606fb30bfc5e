package strategies

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// doneFlags says for each slot of a ring in input order whether its outcome is there.
// A flag flips with every lap, so nobody has to reset it.
type doneFlags []atomic.Uint32

// set publishes the outcome in slot i.
func (d doneFlags) set(i int) { d[i].Store(d[i].Load() ^ 1) }

// is reports whether the outcome of position p is published.
func (d doneFlags) is(p, mask uint64) bool {
	lap := p / (mask + 1)
	return d[p&mask].Load() == uint32(lap+1)&1
}

// doneLists are the slots that each worker has published, for completion order: one
// ring for each, written by the worker and read by the consumer.
type doneLists struct {
	size int // of each ring, a power of two; no more slots than that are ever undelivered
	list atomic.Pointer[[]*doneList]
	mu   sync.Mutex // to grow list
	_    [64]byte
	last int // the consumer's: the list whose turn it is
}

type doneList struct {
	slots []uint32
	_     [64]byte
	tail  atomic.Uint64 // the worker's
	_     [64]byte
	taken uint64        // the consumer's
	seen  uint64        // the consumer's: tail when the list's turn began
	head  atomic.Uint64 // taken, when the consumer last looked whether to sleep
}

// of returns the list of worker w.
func (d *doneLists) of(w int) *doneList {
	i := w - work.Outside
	if p := d.list.Load(); p != nil && i < len(*p) && (*p)[i] != nil {
		return (*p)[i]
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var lists []*doneList
	if p := d.list.Load(); p != nil {
		lists = slices.Clone(*p)
	}
	for len(lists) <= i {
		lists = append(lists, nil)
	}
	if lists[i] == nil {
		lists[i] = &doneList{slots: make([]uint32, d.size)}
	}
	d.list.Store(&lists)
	return lists[i]
}

func (l *doneList) push(i int) {
	n := l.tail.Load()
	l.slots[n&uint64(len(l.slots)-1)] = uint32(i)
	l.tail.Store(n + 1)
}

// pop takes the oldest slot of those that were there when the list's turn began.
func (l *doneList) pop() (slot int, ok bool) {
	if l.taken == l.seen {
		return 0, false
	}
	slot = int(l.slots[l.taken&uint64(len(l.slots)-1)])
	l.taken++
	return slot, true
}

// pop returns a slot that some worker has published; the consumer's. A list's turn ends
// with what it had when it began, so a worker that publishes all the time does not keep
// the consumer from the others.
func (d *doneLists) pop() (slot int, ok bool) {
	p := d.list.Load()
	if p == nil {
		return 0, false
	}
	for range len(*p) + 1 { // the list whose turn it is may have its turn again
		if l := (*p)[d.last]; l != nil {
			if slot, ok := l.pop(); ok {
				return slot, true
			}
		}
		d.last = (d.last + 1) % len(*p)
		if l := (*p)[d.last]; l != nil {
			l.seen = l.tail.Load()
		}
	}
	return 0, false
}

// settle tells those who ask with any how much the consumer has taken. It is called before
// the consumer sleeps, since nobody asks while it is awake.
func (d *doneLists) settle() {
	if p := d.list.Load(); p != nil {
		for _, l := range *p {
			if l != nil {
				l.head.Store(l.taken)
			}
		}
	}
}

// any reports whether pop would find something, or would have when the consumer last settled.
func (d *doneLists) any() bool {
	p := d.list.Load()
	return p != nil && slices.ContainsFunc(*p, func(l *doneList) bool {
		return l != nil && l.tail.Load() != l.head.Load()
	})
}

// A sleeper is a goroutine that waits for something others publish. Who publishes
// does so first and reads state after; the sleeper writes state first and looks for
// what is published after: no wake-up is lost.
type sleeper struct {
	state atomic.Int32
	token chan struct{} // capacity 1
}

const (
	awake    = iota
	dozing   // wakes by itself soon: wake it only if there is nothing else to do
	asleep   // wake it at once
	summoned // woken, and without a core so far
)

// sleep waits in the given state until it is woken or the timer, if any, fires; it does
// not wait if ready holds. It reports whether the timer woke it.
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
		<-s.token // somebody has woken it meanwhile
		s.state.Store(awake)
	}
	return timeout
}

// wake wakes the sleeper if it sleeps.
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
