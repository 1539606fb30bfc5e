package inproc

import (
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Static returns an executor of persistent goroutines with shares that are fixed in advance, like
// OpenMP's schedule(static). It assigns tasks to workers as soon as it takes the tasks from the
// job. No worker runs tasks of another worker, even if that worker is busy for long. Static thus
// has neither the cost nor the benefit of balancing.
//
// The chunk policy determines the shares:
//
//   - Fixed(1) (the default), Static and Auto: each worker receives one equal share of consecutive
//     tasks. Auto is treated like this because there is no estimate of the time per task in
//     advance.
//   - Fixed(k) with k above 1: chunks of k tasks go to the workers round robin, like
//     schedule(static, k) (OpenMP 5.2, 11.5.3).
//   - Any other policy: chunks of the sizes that the policy chooses go round robin too.
//
// A worker takes a lock of the job once for each chunk that it runs. The tasks of a stream are
// assigned as they become available. Each assignment begins at the worker that follows the last
// worker of the previous assignment. Futures are not assigned in advance: a free worker takes the
// next future.
func Static(workers int) work.Executor {
	t := new(turns)
	c := &crew{core: work.Core{Name: "static"}, share: func(workers int) sharing {
		return &shares{dealing: newDealing(workers), turns: t}
	}}
	return c.hire(workers)
}

// shares distributes the tasks of a job among the workers of Static.
type shares struct {
	dealing
	turns *turns
	w     int         // worker that receives the current chunk
	room  int         // number of tasks that the current chunk still lacks
	last  chunk.Claim // last [chunk.Claim] that was passed to the policy
}

func (s *shares) fill(l *crewLease, w int) *work.Range { return s.dealing.fill(l, w, s.deal) }

// deal assigns every task of the given span to a worker. The chunk policy of the job determines the
// shares of the workers.
func (s *shares) deal(l *crewLease, all work.Span, _ int) {
	n, workers := all.Len(), len(s.own)
	policy := l.job.Terms().Chunk
	switch policy {
	case chunk.Fixed(1), chunk.Static{}, chunk.Auto{}:
		parts := min(n, workers)
		first := s.turns.next(parts, workers)
		for i := range parts {
			s.give(l, (first+i)%workers, work.Span{Lo: all.Lo + i*n/parts, Hi: all.Lo + (i+1)*n/parts})
		}
		return
	}
	s.last.Total, s.last.Workers = n, workers
	fixed, _ := policy.(chunk.Fixed)
	s.inTurn(l, all, int(fixed))
}

// inTurn splits the given span into chunks and assigns the chunks to workers round robin. fixed is
// the number of tasks in each chunk; if it is 0, the chunk policy of the job decides the sizes. If
// the last chunk of the previous call is too short, inTurn first adds tasks to it.
func (s *shares) inTurn(l *crewLease, all work.Span, fixed int) {
	defer func() { s.give(l, s.w, all) }() // assigns the remaining tasks if the policy calls Goexit
	for all.Len() > 0 {
		if s.room == 0 {
			s.room, s.w = fixed, s.turns.next(1, len(s.own))
		}
		if s.room == 0 {
			s.last.Left = all.Len()
			s.last.Last = max(l.job.Terms().Chunk.Size(s.last), 1)
			s.room = s.last.Last
		}
		k := min(s.room, all.Len())
		s.give(l, s.w, work.Span{Lo: all.Lo, Hi: all.Lo + k})
		s.room -= k
		all.Lo += k
	}
}
