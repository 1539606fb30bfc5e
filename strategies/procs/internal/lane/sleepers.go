//go:build unix

package lane

import (
	"sync"

	"github.com/payoff-bench/payoff/strategies/work"
)

// sleepers are the lanes that have nothing to do.
type sleepers struct {
	mu   sync.Mutex
	idle work.Idle[*lane]
}

// any reports whether a lane sleeps.
func (s *sleepers) any() bool { return s.idle.Asleep() > 0 }

// wake wakes one lane that sleeps, unless one is looking for work already.
func (s *sleepers) wake() {
	if !s.idle.Wanted() {
		return
	}
	s.mu.Lock()
	l, ok := s.idle.Rouse()
	if ok {
		l.looking.Store(true)
	}
	s.mu.Unlock()
	if ok {
		l.poller.Wake()
	}
}

// found ends l's looking for work, whether it found some or not, and reports whether it was
// looking.
func (s *sleepers) found(l *lane) bool {
	if !l.looking.Load() || !l.looking.Swap(false) {
		return false
	}
	s.idle.Found()
	return true
}

// park notes that l is about to sleep. It must look for work once more before it does.
func (s *sleepers) park(l *lane) {
	s.mu.Lock()
	s.idle.Park(l)
	s.mu.Unlock()
}

// unpark notes that l is awake.
func (s *sleepers) unpark(l *lane) {
	s.mu.Lock()
	s.idle.Unpark(l)
	s.mu.Unlock()
}

// lend returns the lane that would be woken first, taken out of those that sleep, if it can be
// borrowed; else nil.
func (s *sleepers) lend() *lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.idle.Last()
	if !ok || !l.lend() {
		return nil
	}
	s.idle.Take()
	return l
}
