package strategies

import (
	"runtime"
	"time"
)

// This file decides when the workers of a stream wake its consumer.

// publish publishes the outcome in slot i from worker w, and wakes the consumer if it sleeps and
// can deliver.
func (j *streamJob[In, Out]) publish(i, w int) {
	if j.done != nil {
		j.done.set(i)
	} else {
		j.lists.of(w).push(i)
	}
	if j.consumer.state.Load() == asleep && j.deliverable() {
		j.consumer.wake()
		j.yield()
	}
}

// deliverable reports whether a sleeping consumer has an outcome to deliver.
func (j *streamJob[In, Out]) deliverable() bool {
	if j.done == nil {
		return j.lists.any()
	}
	return j.done.is(j.waitsFor.Load(), j.mask)
}

// rouse wakes a consumer whose doze is over, or would be over before this worker reads the clock
// again. The worker has run n tasks in this drain.
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

// yield lets a consumer or feeder run that was woken and is not running yet. If every core runs a
// worker, it would otherwise wait until some worker has no more tasks.
func (j *streamJob[In, Out]) yield() {
	if j.consumer.state.Load() == summoned || j.feeder.state.Load() == summoned {
		runtime.Gosched()
	}
}

// idle wakes a dozing consumer if there are no tasks to take, since the calling worker may then
// become idle and not wake it later.
func (j *streamJob[In, Out]) idle() {
	if j.consumer.state.Load() == dozing && j.taken.Load() == j.fed.Load() && j.deliverable() {
		j.consumer.wake()
	}
}
