package strategies

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Counts is what became of the tasks of an executor since it was made. When nothing
// changes, Submitted is the sum of Succeeded, Failed, Cancelled and Running; while tasks
// run the fields may be a little apart, and what a drain has not ended counts as running.
type Counts struct {
	Submitted int64
	Succeeded int64
	Failed    int64
	Cancelled int64 // never started
	Running   int64 // have no outcome yet: queued or at work
	// Lost is how many workers are held by a task that is past its limit. Such a task
	// has its outcome, and its worker runs nothing else until it returns.
	Lost int64
}

func (c *Counts) add(d Counts) {
	c.Submitted += d.Submitted
	c.Succeeded += d.Succeeded
	c.Failed += d.Failed
	c.Cancelled += d.Cancelled
	c.Running += d.Running
	c.Lost += d.Lost
}

// A Counter is an executor that counts its tasks.
type Counter interface{ Counts() Counts }

// A Tally counts the tasks of an executor, which embeds it and so is a [Counter]. Jobs
// keep their own counts and enter them in the tally of their executor, at a cost for a
// job and none for a task. The zero Tally is ready.
type Tally struct {
	mu   sync.Mutex
	past Counts           // of jobs that are over
	jobs map[counted]bool // at work
	lost atomic.Int64

	futures futureCounts
}

// futureCounts count futures, which are too many to be entered one by one. Workers that
// end them at the same time write to different cache lines.
type futureCounts struct {
	submitted atomic.Int64
	cancelled atomic.Int64
	_         [112]byte
	ended     [8]struct {
		succeeded, failed atomic.Int64
		_                 [112]byte
	}
}

// end counts a future that worker w ended.
func (c *futureCounts) end(w int, err error) {
	ended := &c.ended[(w-outside)%len(c.ended)]
	if err != nil {
		ended.failed.Add(1)
	} else {
		ended.succeeded.Add(1)
	}
}

func (c *futureCounts) counts() Counts {
	n := Counts{Cancelled: c.cancelled.Load()}
	for i := range c.ended {
		n.Succeeded += c.ended[i].succeeded.Load()
		n.Failed += c.ended[i].failed.Load()
	}
	n.Submitted = c.submitted.Load() // the last, since what ended was submitted before
	n.Running = n.Submitted - n.Succeeded - n.Failed - n.Cancelled
	return n
}

// counted is a job that knows how far it is.
type counted interface{ counts() Counts }

// Counts implements [Counter].
func (t *Tally) Counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.past
	for j := range maps.Keys(t.jobs) {
		c.add(j.counts())
	}
	c.add(t.futures.counts())
	c.Lost += t.lost.Load()
	return c
}

func (t *Tally) tally() *Tally { return t }

// tallyOf returns the tally of an executor, nil if it has none.
func tallyOf(ex Executor) *Tally {
	if t, ok := ex.(interface{ tally() *Tally }); ok {
		return t.tally()
	}
	return nil
}

// enter counts j as long as it is at work, leave when it is over.
func (t *Tally) enter(j counted) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.jobs == nil {
		t.jobs = map[counted]bool{}
	}
	t.jobs[j] = true
}

// forget takes back that j was entered.
func (t *Tally) forget(j counted) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.jobs, j)
}

func (t *Tally) leave(j counted) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.past.add(j.counts())
	delete(t.jobs, j)
}
