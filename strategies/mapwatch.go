package strategies

import (
	"context"

	"github.com/payoff-bench/payoff/strategies/work"
)

// The methods of a map that is watched.

func (j *mapJob[In, Out]) do(ctx context.Context, i, w int) (stray <-chan struct{}, failed bool) {
	stray, v, err := apply(j.watching, ctx, j.kernel.Func, j.in[i])
	if err != nil {
		j.fail(i, work.By{}, err)
	} else {
		j.out[i] = v
	}
	j.tell(i, work.By{Worker: w})
	return stray, err != nil
}

func (j *mapJob[In, Out]) failed(i, w int, err error) {
	j.fail(i, work.By{}, err)
	j.tell(i, work.By{Worker: w})
}

func (j *mapJob[In, Out]) drop(s work.Span, _ int, cause error) {
	j.skip(s)
	if j.watching == nil || j.watching.hooks == nil {
		return
	}
	for i := s.Lo; i < s.Hi; i++ {
		j.watching.hooks.tell(j.watching.event(i, work.By{Worker: work.Outside}, nil, unstarted(i, cause)))
	}
}

// tell queues the hooks of task i.
func (j *mapJob[In, Out]) tell(i int, by work.By) {
	if j.watching.hooks == nil {
		return
	}
	j.mu.Lock()
	err := j.last[i]
	delete(j.last, i)
	j.mu.Unlock()
	j.watching.hooks.tell(j.watching.event(i, by, j.out[i], err))
}
