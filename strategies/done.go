package strategies

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// doneFlags tells for each slot of a ring in input order whether its outcome is published. A flag
// flips with every lap, so it needs no reset.
type doneFlags []atomic.Uint32

// set publishes the outcome in slot i.
func (d doneFlags) set(i int) { d[i].Store(d[i].Load() ^ 1) }

// is reports whether the outcome of position p is published.
func (d doneFlags) is(p, mask uint64) bool {
	lap := p / (mask + 1)
	return d[p&mask].Load() == uint32(lap+1)&1
}

// doneLists holds the published slots in completion order: one ring for each worker, which the
// worker writes and the consumer reads.
type doneLists struct {
	size int // size of each ring, a power of two; at most as many slots are undelivered
	list atomic.Pointer[[]*doneList]
	mu   sync.Mutex // guards the growth of list
	_    [64]byte
	last int // index of the list that the consumer reads
}

// A doneList is the ring of one worker.
type doneList struct {
	slots []uint32
	_     [64]byte
	tail  atomic.Uint64 // number of slots pushed; written by the worker
	_     [64]byte
	taken uint64        // number of slots popped; for the consumer only
	seen  uint64        // tail when the consumer began to read the list; for the consumer only
	head  atomic.Uint64 // taken at the last settle
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

// push publishes slot i.
func (l *doneList) push(i int) {
	n := l.tail.Load()
	l.slots[n&uint64(len(l.slots)-1)] = uint32(i)
	l.tail.Store(n + 1)
}

// pop takes the oldest slot, if it was published before the consumer began to read the list.
func (l *doneList) pop() (slot int, ok bool) {
	if l.taken == l.seen {
		return 0, false
	}
	slot = int(l.slots[l.taken&uint64(len(l.slots)-1)])
	l.taken++
	return slot, true
}

// pop takes a slot that some worker has published. Only the consumer calls it. It reads only the
// slots that a list had when it began to read the list, so a worker that publishes all the time
// does not block the others.
func (d *doneLists) pop() (slot int, ok bool) {
	p := d.list.Load()
	if p == nil {
		return 0, false
	}
	for range len(*p) + 1 { // the current list comes first and last
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

// settle publishes how many slots the consumer has taken, for calls of any. The consumer calls it
// before it sleeps, since workers call any only then.
func (d *doneLists) settle() {
	if p := d.list.Load(); p != nil {
		for _, l := range *p {
			if l != nil {
				l.head.Store(l.taken)
			}
		}
	}
}

// any reports whether there are published slots that the consumer had not taken at the last settle.
func (d *doneLists) any() bool {
	p := d.list.Load()
	return p != nil && slices.ContainsFunc(*p, func(l *doneList) bool {
		return l != nil && l.tail.Load() != l.head.Load()
	})
}

// A sleeper is a goroutine that waits for other goroutines to publish something. They publish first
// and read state afterwards. The sleeper writes state first and looks at the published data
// afterwards. One of the two therefore sees the other, and no wake-up is lost.
type sleeper struct {
	state atomic.Int32
	token chan struct{} // capacity 1
}

const (
	awake    = iota
	dozing   // wakes soon by a timer; others wake it only if they have nothing else to do
	asleep   // others must wake it at once
	summoned // woken, but not running yet
)

// sleep waits in the given state until wake is called or the timer, if there is one, fires. It does
// not wait if ready returns true. It reports whether the timer fired first.
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
