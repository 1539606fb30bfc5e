package inproc

import "sync"

// A presence counts the goroutines and tasks that keep a lease from ending.
type presence struct {
	mu     sync.Mutex
	inside int  // goroutines that may take or run tasks of the job; for a loop, also its running tasks
	took   bool // Take returned Over
	ended  bool // the lease has ended, or is about to
}

// enter adds one to inside, or returns false if the lease has ended.
func (p *presence) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return false
	}
	p.inside++
	return true
}
