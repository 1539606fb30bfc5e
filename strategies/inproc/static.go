package inproc

import (
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Static returns an executor of persistent goroutines with shares that are fixed in advance, like
// OpenMP's schedule(static). It assigns tasks to workers as soon as it takes them from the job, and
// no worker takes tasks of another, however long that one is busy. It does not balance: no cost, no
// benefit.
//
// The chunk policy determines the shares. The default Fixed(1), Static, and Auto, which has no
// estimate in advance, give each worker one equal share of consecutive tasks. A larger Fixed(k)
// deals chunks of k round robin, like schedule(static, k) (OpenMP 5.2, 11.5.3), and so does any
// other policy with its own sizes. A worker takes a lock of the job once per chunk. Static shares
// out the tasks of a stream whenever there are some.
//
// Each deal starts with the worker after the last one of the previous deal. Static does not deal
// futures: a free worker takes the next one.
func Static(workers int) work.Executor {
	t := new(turns)
	c := &crew{core: work.Core{Name: "static"}, share: func(workers int) sharing {
		return &shares{dealing: newDealing(workers), turns: t}
	}}
	return c.hire(workers)
}

// shares is the sharing of Static.
type shares struct {
	dealing
	turns *turns
	w     int         // worker of the chunk being dealt
	room  int         // number of tasks missing from that chunk
	last  chunk.Claim // last claim passed to the policy
}

func (s *shares) fill(l *crewLease, w int) *work.Range { return s.dealing.fill(l, w, s.deal) }

// deal deals the tasks of all by the chunk policy of the job.
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

// inTurn deals chunks round robin. Their size is fixed, or that of the job's policy if fixed is 0. It
// first completes the last chunk of the previous call.
func (s *shares) inTurn(l *crewLease, all work.Span, fixed int) {
	defer func() { s.give(l, s.w, all) }() // what is left if the policy ends the goroutine
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
