//go:build unix

package lane

import (
	"sync"

	"github.com/payoff-bench/payoff/strategies/work"
)

// sleepers holds the lanes that sleep because they have no work. (A lane is the goroutine that owns
// one worker process.)
type sleepers struct {
	mu   sync.Mutex
	idle work.Idle[*lane]
}

// any reports whether some lane (the goroutine that owns one worker process) sleeps because it has
// no work.
func (s *sleepers) any() bool { return s.idle.Asleep() > 0 }

// wake wakes one sleeping [lane], unless another lane that was woken is still looking for work.
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

// found records that the lane l no longer looks for work, either because it found some or because
// it gave up. It returns false if l was not looking for work.
func (s *sleepers) found(l *lane) bool {
	if !l.looking.Load() || !l.looking.Swap(false) {
		return false
	}
	s.idle.Found()
	return true
}

// park adds l to the sleeping lanes. The lane must then look for work once more, and sleep only if
// it finds none.
func (s *sleepers) park(l *lane) {
	s.mu.Lock()
	s.idle.Park(l)
	s.mu.Unlock()
}

// unpark removes l from the sleeping lanes.
func (s *sleepers) unpark(l *lane) {
	s.mu.Lock()
	s.idle.Unpark(l)
	s.mu.Unlock()
}

// lend lends the caller the sleeping [lane] that would be woken first, so that the caller can do
// the work of the lane. It returns that lane with its lock held, or nil if the lane cannot be
// borrowed.
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
