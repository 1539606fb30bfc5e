package strategies

import "github.com/payoff-bench/payoff/strategies/work"

func (j *mapJob[In, Out]) finish(i, w int) { j.tell(i, work.By{Worker: w}) }

// drop records that the tasks of span s never start, for the given cause. If the job has hooks,
// drop queues the hook calls of these tasks.
func (j *mapJob[In, Out]) drop(s work.Span, _ int, cause error) {
	j.skip(s)
	if j.watching == nil || j.watching.hooks == nil {
		return
	}
	for i := s.Lo; i < s.Hi; i++ {
		j.watching.hooks.tell(j.watching.event(i, work.By{Worker: work.Outside}, nil, unstarted(i, cause)))
	}
}

// tell queues the hook call that reports the outcome of task i.
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
