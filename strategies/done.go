package strategies

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// doneFlags holds one flag per slot of the ring of a stream in input order: whether the outcome in
// the slot is published. The meaning of a flag flips each time the ring wraps around, so flags are
// never reset.
type doneFlags []atomic.Uint32

// set publishes the outcome in slot i of the ring.
func (d doneFlags) set(i int) { d[i].Store(d[i].Load() ^ 1) }

// is reports whether the outcome of the task at position p is published. mask is the number of
// slots minus 1, so the slot of p is p&mask.
func (d doneFlags) is(p, mask uint64) bool {
	lap := p / (mask + 1)
	return d[p&mask].Load() == uint32(lap+1)&1
}

// doneLists holds the published slots of a stream in completion order. Each worker has its own ring
// of slots, which the worker writes and the consumer reads.
type doneLists struct {
	size int // size of each ring: a power of two, and at least the number of undelivered slots
	list atomic.Pointer[[]*doneList]
	mu   sync.Mutex // guards the growth of list
	_    [64]byte
	last int // index of the list that the consumer reads
}

// A doneList is a ring in which one worker publishes the slots of tasks with an outcome.
type doneList struct {
	slots []uint32
	_     [64]byte
	tail  atomic.Uint64 // number of slots pushed; written by the worker
	_     [64]byte
	taken uint64        // number of slots popped; used by the consumer only
	seen  uint64        // tail when the consumer began to read this ring; used by the consumer only
	head  atomic.Uint64 // value of taken at the last call of settle
}

// of returns the list of worker w. On first use it creates the list.
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

// push publishes slot i, whose task has an outcome, to the consumer.
func (l *doneList) push(i int) {
	n := l.tail.Load()
	l.slots[n&uint64(len(l.slots)-1)] = uint32(i)
	l.tail.Store(n + 1)
}

// pop removes and returns the oldest slot in the list. It ignores slots that were published after
// the consumer began to read the list. If no other slot is left, ok is false.
func (l *doneList) pop() (slot int, ok bool) {
	if l.taken == l.seen {
		return 0, false
	}
	slot = int(l.slots[l.taken&uint64(len(l.slots)-1)])
	l.taken++
	return slot, true
}

// pop removes and returns a slot that some worker has published. Only the consumer calls pop. From
// each worker's list it reads only the slots published before it began to read that list, so a
// worker that publishes all the time does not keep the consumer from the lists of other workers.
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

// settle publishes how many slots the consumer has removed; the method any reads this number. The
// consumer calls settle before it sleeps, since workers call any only while it sleeps.
func (d *doneLists) settle() {
	if p := d.list.Load(); p != nil {
		for _, l := range *p {
			if l != nil {
				l.head.Store(l.taken)
			}
		}
	}
}

// any reports whether the lists contain published slots that the consumer has not removed. It knows
// the number of removed slots from the last call of settle.
func (d *doneLists) any() bool {
	p := d.list.Load()
	return p != nil && slices.ContainsFunc(*p, func(l *doneList) bool {
		return l != nil && l.tail.Load() != l.head.Load()
	})
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
	dozing   // wakes soon by a timer; a goroutine wakes it earlier only if it has nothing else to do
	asleep   // must be woken at once when something is published
	summoned // woken, but not running yet
)

// sleep stores the given state, which tells other goroutines how this one sleeps. Unless ready
// returns true, it then waits until wake is called or timer fires; timer may be nil. It reports
// whether the timer fired first.
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

// wake wakes the goroutine that called sleep, if it still sleeps.
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
