package inproc

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A desk lends a worker number and a range to a goroutine that has no worker number of its own. The
// goroutine holds the desk while it runs a chunk; meanwhile no other goroutine uses this worker
// number.
type desk struct {
	w     int
	below atomic.Uint32 // number of the next desk in the stack of free desks, plus 1; 0 at the bottom
	span  work.Range
}

// desks holds the desks of a dispatcher. A desk stands for one worker number: a goroutine uses the
// number only while it holds the desk.
//
// The free desks form a lock-free stack (Treiber, IBM RJ 5118, 1986). The top of the stack has the
// number of a desk and a count of changes. Because of the count, a compare-and-swap fails if the
// desk was removed and put back in the meantime. A mutex would be slower: its holder may lose its
// core while every other worker waits.
//
// At first there is one desk for each worker. The method take adds desks with higher numbers if
// more goroutines run at the same time, as in a pool that starts a goroutine for each task.
type desks struct {
	free atomic.Uint64 // number of changes<<32 | number of the top desk, plus 1
	all  atomic.Pointer[[]*desk]
	grow sync.Mutex
}

// at returns the desk with worker number w.
func (s *desks) at(w int) *desk { return (*s.all.Load())[w] }

// take removes a desk from the stack of free desks and returns it. If no desk is free, it adds
// some.
func (s *desks) take() *desk {
	for {
		top := s.free.Load()
		if uint32(top) == 0 {
			s.more()
			continue
		}
		t := s.at(int(uint32(top)) - 1)
		if s.free.CompareAndSwap(top, (top>>32+1)<<32|uint64(t.below.Load())) {
			return t
		}
	}
}

// put returns a desk to the stack of free desks.
func (s *desks) put(t *desk) {
	for {
		top := s.free.Load()
		t.below.Store(uint32(top))
		if s.free.CompareAndSwap(top, (top>>32+1)<<32|uint64(t.w+1)) {
			return
		}
	}
}

// more is called when no desk is free. It doubles the number of desks, unless a desk has become
// free in the meantime.
func (s *desks) more() {
	s.grow.Lock()
	defer s.grow.Unlock()
	if uint32(s.free.Load()) == 0 {
		s.add(len(*s.all.Load()))
	}
}

// add adds n free desks to the stack of free desks, with the lowest worker number on top.
func (s *desks) add(n int) {
	var all []*desk
	if p := s.all.Load(); p != nil {
		all = slices.Clone(*p)
	}
	old := len(all)
	for range n {
		all = append(all, &desk{w: len(all)})
	}
	s.all.Store(&all)
	for w := len(all) - 1; w >= old; w-- {
		s.put(all[w])
	}
}
