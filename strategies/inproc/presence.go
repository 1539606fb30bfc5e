package inproc

import "sync"

// A presence counts the users of a lease. (A lease is the use of an executor for one job.) Users
// are the goroutines that may take or run tasks of the job and, for a loop, its running tasks. The
// lease cannot end while it has users.
type presence struct {
	mu     sync.Mutex
	inside int  // number of goroutines that may take or run tasks of the job; for a loop, plus its running tasks
	took   bool // whether Take has returned Over
	ended  bool // whether the lease has ended or is about to end
}

// enter counts one more user of the [work.Lease] and returns true. It returns false if the lease
// has ended.
func (p *presence) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return false
	}
	p.inside++
	return true
}
