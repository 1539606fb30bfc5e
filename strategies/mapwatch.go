package strategies

import "context"

// What a map does when it is watched.

func (j *mapJob[In, Out]) do(ctx context.Context, i, w int) (stray <-chan struct{}, failed bool) {
	stray, v, err := apply(j.watching, ctx, j.kernel.Func, j.in[i])
	if err != nil {
		j.fail(i, err)
	} else {
		j.out[i] = v
	}
	j.tell(i, w)
	return stray, err != nil
}

func (j *mapJob[In, Out]) failed(i, w int, err error) {
	j.fail(i, err)
	j.tell(i, w)
}

func (j *mapJob[In, Out]) drop(s Span, _ int, cause error) {
	j.skip(s)
	if j.watching == nil || j.watching.hooks == nil {
		return
	}
	for i := s.Lo; i < s.Hi; i++ {
		j.watching.hooks.tell(j.watching.event(i, i, outside, nil, &TaskError{Task: i, Err: cause, skipped: true}))
	}
}

// tell tells the hooks the outcome of task i, by worker w.
func (j *mapJob[In, Out]) tell(i, w int) {
	if j.watching.hooks == nil {
		return
	}
	j.mu.Lock()
	err := j.last[i]
	delete(j.last, i)
	j.mu.Unlock()
	j.watching.hooks.tell(j.watching.event(i, i, w, j.out[i], err))
}

func (j *mapJob[In, Out]) stray(w int) <-chan struct{} { return j.watching.strays.take(w) }
