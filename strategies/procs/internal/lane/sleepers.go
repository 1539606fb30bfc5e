package lane

import (
	"slices"
	"sync"
	"sync/atomic"
)

// sleepers are the lanes that have nothing to do.
//
// A goroutine that makes tasks claimable publishes them first and reads asleep and looking
// after; a lane writes those first, by park, and looks for tasks after. So one of the two sees
// the other, and no wake-up is lost. At most one lane is woken at a time: one that finds more
// than it takes wakes the next.
type sleepers struct {
	asleep  atomic.Int32
	looking atomic.Bool // a lane was woken and has found nothing yet

	mu   sync.Mutex
	idle []*lane // the last is woken first, since its cache is warm
}

// any reports whether a lane sleeps.
func (s *sleepers) any() bool { return s.asleep.Load() > 0 }

// wake wakes one lane that sleeps, unless one is looking for work already.
func (s *sleepers) wake() {
	if s.asleep.Load() == 0 || !s.looking.CompareAndSwap(false, true) {
		return
	}
	s.mu.Lock()
	l := s.pop()
	if l == nil {
		s.looking.Store(false) // under the lock: a lane that parks now is woken by the next
	} else {
		l.looking.Store(true)
	}
	s.mu.Unlock()
	if l != nil {
		l.poller.Wake()
	}
}

// take takes the lane that would be woken first out of those that sleep, if may accepts it;
// nil if there is none.
func (s *sleepers) take(may func(*lane) bool) *lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.idle); n == 0 || !may(s.idle[n-1]) {
		return nil
	}
	return s.pop()
}

// pop takes the lane that slept last out of those that sleep, nil if there is none. The lock
// is held.
func (s *sleepers) pop() *lane {
	n := len(s.idle)
	if n == 0 {
		return nil
	}
	l := s.idle[n-1]
	s.idle = s.idle[:n-1]
	s.asleep.Add(-1)
	return l
}

// park notes that l is about to sleep. It must look for work once more before it does.
func (s *sleepers) park(l *lane) {
	s.mu.Lock()
	s.idle = append(s.idle, l)
	s.asleep.Add(1)
	s.mu.Unlock()
}

// unpark notes that l is awake.
func (s *sleepers) unpark(l *lane) {
	s.mu.Lock()
	if i := slices.Index(s.idle, l); i >= 0 {
		s.idle = slices.Delete(s.idle, i, i+1)
		s.asleep.Add(-1)
	}
	s.mu.Unlock()
}

// found ends l's looking for work, whether it found some or not, and reports whether it was
// looking.
func (s *sleepers) found(l *lane) bool {
	if !l.looking.Load() || !l.looking.Swap(false) {
		return false
	}
	s.looking.Store(false)
	return true
}
