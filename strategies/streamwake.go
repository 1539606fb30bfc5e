package strategies

import (
	"runtime"
	"time"
)

// This file decides when the workers of a stream wake its consumer.

// publish publishes the outcome that worker w stored in slot i. It wakes the consumer if the
// consumer sleeps and can now deliver an outcome.
func (j *streamJob[In, Out]) publish(i, w int) {
	if j.done != nil {
		j.done.set(i)
	} else {
		j.lists.push(i, w)
	}
	if j.consumer.state.Load() == asleep && j.deliverable() {
		j.consumer.wake()
		j.yield()
	}
}

// deliverable reports whether an outcome is ready that the sleeping consumer can deliver next.
func (j *streamJob[In, Out]) deliverable() bool {
	if j.done == nil {
		return j.lists.any()
	}
	return j.done.is(j.waitsFor.Load(), j.mask)
}

// rouse wakes the consumer if its doze (a sleep of at most dozeTime) is over, or will be over
// before the calling worker reads the clock again. n is the number of tasks of this job that the
// worker has run since it began to work on the job.
func (j *streamJob[In, Out]) rouse(p *pace, n int) {
	now := time.Since(j.began)
	rest := time.Duration(j.dozedAt.Load()) + dozeTime - now
	if p.look(now, n, rest) >= dozeTime/2 || rest < paceLeast {
		if j.consumer.state.Load() == dozing && j.deliverable() {
			j.consumer.wake()
		}
	}
	j.yield()
}

// yield calls runtime.Gosched if the consumer or the feeder was woken and does not run yet. Without
// this call, if every core runs a worker, the woken goroutine would wait until some worker runs out
// of tasks.
func (j *streamJob[In, Out]) yield() {
	if j.consumer.state.Load() == summoned || j.feeder.state.Load() == summoned {
		runtime.Gosched()
	}
}

// idle is called by a worker before it looks for other work and perhaps sleeps. If an outcome is
// ready and no task is left to take, idle wakes a dozing consumer (one that sleeps for at most
// dozeTime). It does so now, because a sleeping worker cannot wake the consumer later.
func (j *streamJob[In, Out]) idle() {
	if j.consumer.state.Load() == dozing && j.taken.Load() == j.fed.Load() && j.deliverable() {
		j.consumer.wake()
	}
}
