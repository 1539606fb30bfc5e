package work

import (
	"sync"
	"sync/atomic"
)

// Counts holds the number of tasks of an executor in each state. While no task changes its
// state, Submitted is the sum of Succeeded, Failed, Cancelled, Queued and Running; otherwise the
// fields may disagree by a few tasks.
type Counts struct {
	Submitted int64
	Succeeded int64
	Failed    int64
	Cancelled int64 // never started
	Queued    int64 // have no outcome and wait for a worker
	Running   int64 // have no outcome and run on a worker
	// Lost is the number of workers that are blocked by a task past its time limit. The outcome of
	// such a task is already recorded, and its worker runs no other task until the task returns.
	Lost int64
}

// add adds the counts in d to c, except d.Running: in the counts of a job, Queued includes the
// running tasks.
func (c *Counts) add(d Counts) {
	c.Submitted += d.Submitted
	c.Succeeded += d.Succeeded
	c.Failed += d.Failed
	c.Cancelled += d.Cancelled
	c.Queued += d.Queued
}

// A Counted is a job that counts its tasks. A job does not know which of its tasks run now: the
// field Queued of its Counts includes the running tasks, and Running is 0.
type Counted interface{ Counts() Counts }

// A tally counts the tasks of an executor. Each job counts its own tasks and registers with the
// tally, so the tally does work for each job, but not for each task. The zero tally is ready to
// use.
type tally struct {
	mu   sync.Mutex
	past Counts           // counts of finished jobs
	jobs map[Counted]bool // running jobs

	running atomic.Int64 // len(jobs)

	singles singleCounts
}

// Enter adds the job j, which has started, to the running jobs.
func (t *tally) Enter(j Counted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.jobs == nil {
		t.jobs = map[Counted]bool{}
	}
	t.jobs[j] = true
	t.running.Store(int64(len(t.jobs)))
}

// Forget removes the job j, which the executor refused, and drops its counts.
func (t *tally) Forget(j Counted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.jobs, j)
	t.running.Store(int64(len(t.jobs)))
}

// Leave removes the job j, which has finished, from the running jobs, and keeps its counts.
func (t *tally) Leave(j Counted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.past.add(j.Counts())
	delete(t.jobs, j)
	t.running.Store(int64(len(t.jobs)))
}

// singleCounts counts singles (jobs of one task), which are too many to register one by one.
// Workers write to separate cache lines.
type singleCounts struct {
	submitted atomic.Int64
	cancelled atomic.Int64
	_         [112]byte
	ended     [8]struct {
		succeeded, failed atomic.Int64
		_                 [112]byte
	}
}

// SingleSubmitted adds n to the number of submitted singles (jobs of one task). With n = -1 it
// removes a single that the executor refused.
func (t *tally) SingleSubmitted(n int) { t.singles.submitted.Add(int64(n)) }

// SingleCancelled counts a single (a job of one task) that was cancelled before it started.
func (t *tally) SingleCancelled() { t.singles.cancelled.Add(1) }

// SingleEnded counts a single (a job of one task) that worker w ran. failed means that the task has
// no output.
func (t *tally) SingleEnded(w int, failed bool) {
	ended := &t.singles.ended[(w-Outside)%len(t.singles.ended)]
	if failed {
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
	n.Submitted = c.submitted.Load() // read last, so that no single is counted as ended but not as submitted
	n.Queued = n.Submitted - n.Succeeded - n.Failed - n.Cancelled
	return n
}

// unfinished reports whether the executor has unfinished work: a job that runs, or more than n
// unfinished singles (jobs of one task).
func (c *Core) unfinished(n int64) bool {
	if c.running.Load() > 0 {
		return true
	}
	// Usually only a few counters are used, one for each worker and one for work.Outside.
	few := min(max(c.Workers, 1)-Outside, len(c.singles.ended))
	return c.singles.left(few) > n && c.singles.left(len(c.singles.ended)) > n
}

// left returns an upper bound for the number of unfinished singles (jobs of one task). The ended
// singles are spread over several counters, and left reads only the given number of counters. If it
// reads all counters, the result is exact.
func (c *singleCounts) left(counters int) int64 {
	ended := c.cancelled.Load()
	for i := range counters {
		ended += c.ended[i].succeeded.Load() + c.ended[i].failed.Load()
	}
	return c.submitted.Load() - ended // submitted is read last, see counts
}

// Idle reports whether every job has ended.
func (c *Core) Idle() bool { return !c.unfinished(0) }

// Counts returns the counts of the tasks of all jobs, finished and running. busy is the number of
// workers that now run a task. The field Running is busy or, if that is less, the number of
// unfinished tasks.
func (c *Core) Counts(busy int) Counts {
	c.mu.Lock()
	n := c.past
	for j := range c.jobs {
		n.add(j.Counts())
	}
	c.mu.Unlock()
	n.add(c.singles.counts())
	n.Running = max(0, min(n.Queued, int64(busy))) // busy was read at a different time than n, and may be negative
	n.Queued -= n.Running
	n.Lost = c.lost.Load()
	return n
}
