package strategies

import "context"

// What a stream does when it is watched.

func (j *streamJob[In, Out]) do(ctx context.Context, i, w int) (stray <-chan struct{}, failed bool) {
	stray, v, err := apply(j.watching, ctx, j.kernel.Func, j.in[i])
	if err != nil {
		j.Fail(i, err)
	} else {
		j.out[i] = v
	}
	j.finish(i, w)
	return stray, err != nil
}

func (j *streamJob[In, Out]) failed(i, w int, err error) {
	j.Fail(i, err)
	j.finish(i, w)
}

func (j *streamJob[In, Out]) drop(s Span, w int, cause error) {
	for i := s.Lo; i < s.Hi; i++ {
		j.skip(i, cause)
		j.finish(i, w)
	}
}

// finish tells the hooks and the consumer the outcome in slot i, by worker w.
func (j *streamJob[In, Out]) finish(i, w int) {
	j.tell(i, w)
	j.publish(i, w)
	if j.consumer.state.Load() == dozing && j.deliverable() {
		j.consumer.wake()
		j.yield()
	}
}

// tell tells the hooks the outcome in slot i, by worker w, before the slot can be used
// again.
func (j *streamJob[In, Out]) tell(i, w int) {
	if j.watching.hooks == nil {
		return
	}
	err, _ := j.errs[i].(*TaskError)
	j.watching.hooks.tell(j.watching.event(i, j.task(i), w, j.out[i], err))
}

func (j *streamJob[In, Out]) stray(w int) <-chan struct{} { return j.watching.strays.take(w) }

// counts implements counted.
func (j *streamJob[In, Out]) counts() Counts {
	delivered := j.delivered.Load()
	c := Counts{
		Submitted: int64(j.fed.Load() - j.over.Load()),
		Failed:    int64(j.failing.Load() - j.skipped.Load()),
		Cancelled: int64(j.skipped.Load()),
	}
	c.Running = max(0, c.Submitted-int64(delivered))
	c.Succeeded = int64(delivered) - c.Failed - c.Cancelled
	return c
}
