package inproc

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A desk is a worker's number and range, for workers that have none of their own. A goroutine
// that runs a chunk sits at one for that long, so calls with one number never overlap.
type desk struct {
	w     int
	below atomic.Uint32 // the desk under it in the stack of free ones, plus 1
	span  work.Range
}

// desks are the desks of a dispatcher. Taking one is a compare and swap: the free ones
// are a stack (Treiber, IBM RJ 5118, 1986), whose top is an index with a count of changes
// so that one which was taken and came back is not mistaken for one that stayed. Rejected:
// a mutex, whose holder may lose its core while every other worker waits for it.
//
// There are as many as workers. More are made if more run at once, as where there is a
// goroutine for each task; those then have higher numbers.
type desks struct {
	free atomic.Uint64 // changes<<32 | index of the top, plus 1
	all  atomic.Pointer[[]*desk]
	grow sync.Mutex
}

// at returns the desk of a worker that has a number.
func (s *desks) at(w int) *desk { return (*s.all.Load())[w] }

// take returns a free desk.
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

// put frees a desk.
func (s *desks) put(t *desk) {
	for {
		top := s.free.Load()
		t.below.Store(uint32(top))
		if s.free.CompareAndSwap(top, (top>>32+1)<<32|uint64(t.w+1)) {
			return
		}
	}
}

// more doubles the desks, unless some became free meanwhile.
func (s *desks) more() {
	s.grow.Lock()
	defer s.grow.Unlock()
	if uint32(s.free.Load()) == 0 {
		s.add(len(*s.all.Load()))
	}
}

// add adds n free desks, the lowest number on top.
func (s *desks) add(n int) {
	var all []*desk
	if p := s.all.Load(); p != nil {
		all = *p
	}
	old := len(all)
	all = slices.Clone(all)
	for range n {
		all = append(all, &desk{w: len(all)})
	}
	s.all.Store(&all)
	for w := len(all) - 1; w >= old; w-- {
		s.put(all[w])
	}
}
