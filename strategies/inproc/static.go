package inproc

import (
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Static returns persistent goroutines with shares that are fixed beforehand: OpenMP's
// schedule(static). Tasks are dealt to the workers as soon as they are taken from the job, and
// no worker takes another's share, however long its owner is busy: no balancing, with neither
// its cost nor its benefit.
//
// The chunk policy cuts the shares. Fixed(1), the default, Static, and Auto, which has no
// estimate beforehand, make one equal share of neighbours for each worker. A larger Fixed(k)
// deals chunks of k round robin, as schedule(static, k) does, and so does any other policy with
// its own sizes (OpenMP 5.2, 11.5.3). A chunk costs its worker one lock of the job. A stream is
// shared as it comes: each time the tasks that are there.
//
// Dealing goes on with the worker after the last one that was dealt to. Futures are not shared:
// a free worker takes one.
func Static(workers int) work.Executor {
	t := new(turns)
	c := &crew{core: work.Core{Name: "static"}, share: func(workers int) sharing {
		return &shares{dealing: newDealing(workers), turns: t}
	}}
	return c.hire(workers)
}

// shares deals by the job's chunk policy.
type shares struct {
	dealing
	turns *turns
	w     int         // worker of the chunk being dealt
	room  int         // tasks that still go into it
	last  chunk.Claim // for the policy
}

func (s *shares) fill(l *crewLease, w int) *work.Range { return s.dealing.fill(l, w, s.deal) }

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
	for all.Len() > 0 {
		if s.room == 0 {
			s.last.Left = all.Len()
			s.last.Last = max(policy.Size(s.last), 1)
			s.room, s.w = s.last.Last, s.turns.next(1, workers)
		}
		k := min(s.room, all.Len())
		s.give(l, s.w, work.Span{Lo: all.Lo, Hi: all.Lo + k})
		s.room -= k
		all.Lo += k
	}
}
