package strategies

import "github.com/payoff-bench/payoff/strategies/work"

func (j *streamJob[In, Out]) fail(i int, by work.By, err error) { j.Fail(i, by, err) }

// drop records that the tasks of span s never start, for the given cause. It publishes their
// outcomes as worker w.
func (j *streamJob[In, Out]) drop(s work.Span, w int, cause error) {
	for i := s.Lo; i < s.Hi; i++ {
		j.skip(i, cause)
		j.finish(i, w)
	}
}

// finish passes the outcome that worker w stored in slot i to the hooks and to the consumer.
func (j *streamJob[In, Out]) finish(i, w int) {
	j.tell(i, work.By{Worker: w})
	j.publish(i, w)
	if j.consumer.state.Load() == dozing && j.deliverable() {
		j.consumer.wake()
		j.yield()
	}
}

// tell queues the hook call for the outcome in slot i. Callers must call tell before they publish
// the slot, since a later task may use a published slot.
func (j *streamJob[In, Out]) tell(i int, by work.By) {
	if j.watching.hooks == nil {
		return
	}
	err, _ := j.errs[i].(*TaskError)
	j.watching.hooks.tell(j.watching.event(j.task(i), by, j.out[i], err))
}

// Counts implements [work.Counted].
func (j *streamJob[In, Out]) Counts() Counts {
	delivered := j.delivered.Load()
	c := Counts{
		Submitted: int64(j.fed.Load() - j.over.Load()),
		Failed:    int64(j.failing.Load() - j.skipped.Load()),
		Cancelled: int64(j.skipped.Load()),
	}
	c.Queued = max(0, c.Submitted-int64(delivered))
	c.Succeeded = int64(delivered) - c.Failed - c.Cancelled
	return c
}
