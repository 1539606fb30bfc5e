package strategies

import (
	"context"

	"github.com/payoff-bench/payoff/strategies/work"
)

// The methods of a stream that is watched.

func (j *streamJob[In, Out]) do(ctx context.Context, i, w int) (stray <-chan struct{}, failed bool) {
	stray, v, err := apply(j.watching, ctx, j.kernel.Func, j.in[i])
	if err != nil {
		j.Fail(i, work.By{}, err)
	} else {
		j.out[i] = v
	}
	j.finish(i, w)
	return stray, err != nil
}

func (j *streamJob[In, Out]) failed(i, w int, err error) {
	j.Fail(i, work.By{}, err)
	j.finish(i, w)
}

func (j *streamJob[In, Out]) drop(s work.Span, w int, cause error) {
	for i := s.Lo; i < s.Hi; i++ {
		j.skip(i, cause)
		j.finish(i, w)
	}
}

// finish publishes the outcome in slot i, by worker w, to the hooks and the consumer.
func (j *streamJob[In, Out]) finish(i, w int) {
	j.tell(i, work.By{Worker: w})
	j.publish(i, w)
	if j.consumer.state.Load() == dozing && j.deliverable() {
		j.consumer.wake()
		j.yield()
	}
}

// tell queues the hooks of slot i, before the slot can be used again.
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
