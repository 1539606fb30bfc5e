package procs

import (
	"slices"
	"sync"

	"golang.org/x/sys/unix"
)

// spares are processes that are started and prepared before a lane needs them. One that
// dies while it stands by is forgotten, and replaced when the next is taken, so nothing
// is started without end. A nil *spares keeps none.
type spares struct {
	most int

	mu    sync.Mutex
	idle  []*process // oldest first, whether they have answered or not
	ended bool
}

const mostSpares = 4

// take returns a process for the lane with that poller, the one that is nearest to being
// ready; nil if there is none.
func (s *spares) take(owner *poller) *process {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	if s.ended || len(s.idle) == 0 {
		return nil
	}
	p := s.idle[0]
	s.idle = slices.Delete(s.idle, 0, 1)
	p.owner.Store(owner)
	owner.wake() // it may have said all it has to say
	return p
}

// fill starts as many as are missing.
func (s *spares) fill(x *Executor) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	for !s.ended && len(s.idle) < s.most {
		s.idle = append(s.idle, x.begin(nil))
	}
}

// sweep forgets those that have ended. The lock is held.
func (s *spares) sweep() {
	s.idle = slices.DeleteFunc(s.idle, func(p *process) bool {
		ended := p.news.Load()&newsEnded != 0
		if ended {
			p.close()
		}
		return ended
	})
}

// end ends them: nobody will want any. They have nothing to lose.
func (s *spares) end() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for _, p := range s.idle {
		p.kill(unix.SIGKILL)
	}
}

// clear gives back what is held of them; their supervisors have ended.
func (s *spares) clear() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
}
