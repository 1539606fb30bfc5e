package work

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Counts is the number of tasks of an executor by state. At every quiet point Submitted is
// the sum of Succeeded, Failed, Cancelled, Queued and Running; while tasks run the fields may
// be a little apart.
type Counts struct {
	Submitted int64
	Succeeded int64
	Failed    int64
	Cancelled int64 // never started
	Queued    int64 // no outcome yet, and not on a worker
	Running   int64 // no outcome yet, and on a worker
	// Lost is the number of workers held by a task that is past its limit. Such a task has
	// its outcome, and its worker runs nothing else until it returns.
	Lost int64
}

// add adds the counts of d, in which unfinished tasks are Queued.
func (c *Counts) add(d Counts) {
	c.Submitted += d.Submitted
	c.Succeeded += d.Succeeded
	c.Failed += d.Failed
	c.Cancelled += d.Cancelled
	c.Queued += d.Queued
}

// A Counted is a job that counts its tasks. Its unfinished tasks are Queued.
type Counted interface{ Counts() Counts }

// A tally counts the tasks of an executor. Jobs keep their own counts and enter them in the
// tally, at a cost for a job and none for a task. The zero tally is ready.
type tally struct {
	mu   sync.Mutex
	past Counts           // of jobs that are over
	jobs map[Counted]bool // at work

	singles singleCounts
}

// Enter adds j to the jobs at work.
func (t *tally) Enter(j Counted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.jobs == nil {
		t.jobs = map[Counted]bool{}
	}
	t.jobs[j] = true
}

// Forget removes j, which the executor refused.
func (t *tally) Forget(j Counted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.jobs, j)
}

// Leave removes j, which is over, and keeps its counts.
func (t *tally) Leave(j Counted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.past.add(j.Counts())
	delete(t.jobs, j)
}

// singleCounts count singles, which are too many to be entered one by one. Workers that end
// them at the same time write to different cache lines.
type singleCounts struct {
	submitted atomic.Int64
	cancelled atomic.Int64
	_         [112]byte
	ended     [8]struct {
		succeeded, failed atomic.Int64
		_                 [112]byte
	}
}

// SingleSubmitted adds n submitted singles; -1 takes back one that was refused.
func (t *tally) SingleSubmitted(n int) { t.singles.submitted.Add(int64(n)) }

// SingleCancelled counts a single that never starts.
func (t *tally) SingleCancelled() { t.singles.cancelled.Add(1) }

// SingleEnded counts a single that ended on worker w with err.
func (t *tally) SingleEnded(w int, err error) {
	ended := &t.singles.ended[(w-Outside)%len(t.singles.ended)]
	if err != nil {
		ended.failed.Add(1)
	} else {
		ended.succeeded.Add(1)
	}
}

func (c *singleCounts) counts() Counts {
	n := Counts{Cancelled: c.cancelled.Load()}
	for i := range c.ended {
		n.Succeeded += c.ended[i].succeeded.Load()
		n.Failed += c.ended[i].failed.Load()
	}
	n.Submitted = c.submitted.Load() // the last, since each was submitted before it ended
	n.Queued = n.Submitted - n.Succeeded - n.Failed - n.Cancelled
	return n
}

// Counts returns the counts of all jobs when busy workers are at a task.
func (c *Core) Counts(busy int) Counts {
	c.mu.Lock()
	n := c.past
	for j := range maps.Keys(c.jobs) {
		n.add(j.Counts())
	}
	c.mu.Unlock()
	n.add(c.singles.counts())
	n.Running = max(0, min(n.Queued, int64(busy))) // busy is read apart from the rest, and may be below 0
	n.Queued -= n.Running
	n.Lost = c.lost.Load()
	return n
}
