package strategies

import (
	"runtime"
	"time"
)

// When the workers of a stream wake its consumer.

// publish makes the outcome in slot i the consumer's, and wakes it if it sleeps for that.
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

// deliverable reports whether there is something for a sleeping consumer.
func (j *streamJob[In, Out]) deliverable() bool {
	if j.done == nil {
		return j.lists.any()
	}
	return j.done.is(j.waitsFor.Load(), j.mask)
}

// rouse wakes a consumer that has dozed for long enough, or whose worker is so slow that
// it may be late next time. The worker has run n tasks in this drain.
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

// yield lets a consumer or a feeder run that was woken and has no core yet. Where every core
// has a worker it would wait until one of them runs dry, with the window full or empty.
func (j *streamJob[In, Out]) yield() {
	if j.consumer.state.Load() == summoned || j.feeder.state.Load() == summoned {
		runtime.Gosched()
	}
}

// idle wakes a dozing consumer if there is nothing to hand over, so that the worker who
// calls may have nothing else to do for long.
func (j *streamJob[In, Out]) idle() {
	if j.consumer.state.Load() == dozing && j.taken.Load() == j.fed.Load() && j.deliverable() {
		j.consumer.wake()
	}
}
