package strategies

import "context"

// StaticStrategy is persistent goroutines with shares that are fixed beforehand: what
// OpenMP calls schedule(static). When tasks are taken from the job they are dealt to the
// workers at once, and nobody takes another's share, however long its owner is busy. It is
// what balancing costs nothing, and gains nothing.
//
// The chunk says how shares are cut. Fixed(1), the default, and Static and Auto, which has
// no estimate beforehand, are one equal share of neighbours for each worker. A larger
// Fixed(k) deals chunks of k round robin, as schedule(static, k) does, and so does any other
// policy with the sizes that it says (OpenMP 5.2, 11.5.3). A chunk costs its worker one lock
// of the job. A stream is shared as it comes: each time what there is.
//
// Dealing goes on with the worker at whom the last one ended. Futures are not shared: the
// worker that is free takes one, since there is no beforehand.
func StaticStrategy() Strategy {
	return Strategy{
		Name:         "static",
		Doc:          "persistent goroutines with equal shares fixed beforehand; nobody takes another's",
		Capabilities: Capabilities{Parallel: true},
		New: func(_ context.Context, c Config) (Executor, error) {
			n, err := c.WorkerCount()
			if err != nil {
				return nil, err
			}
			t := new(turns)
			crew := &crew{name: "static", flat: true, share: func(workers int) sharing {
				return &shares{dealing: newDealing(workers), turns: t}
			}}
			return crew.hire(n), nil
		},
	}
}

// shares deals by the job's chunk policy.
type shares struct {
	dealing
	turns *turns
	w     int   // whose chunk it is
	room  int   // tasks that still go into it
	last  Claim // for the policy
}

func (s *shares) fill(l *crewLease, w int) *Range { return s.dealing.fill(l, w, s.deal) }

func (s *shares) deal(l *crewLease, all Span, _ int) {
	n, workers := all.Len(), len(s.own)
	chunk := l.job.Options().Chunk
	switch chunk {
	case Fixed(1), Static{}, Auto{}:
		parts := min(n, workers)
		first := s.turns.next(parts, workers)
		for i := range parts {
			s.give(l, (first+i)%workers, Span{all.Lo + i*n/parts, all.Lo + (i+1)*n/parts})
		}
		return
	}
	s.last.Total, s.last.Workers = n, workers
	for all.Len() > 0 {
		if s.room == 0 {
			s.last.Left = all.Len()
			s.last.Last = max(chunk.Size(s.last), 1)
			s.room, s.w = s.last.Last, s.turns.next(1, workers)
		}
		k := min(s.room, all.Len())
		s.give(l, s.w, Span{all.Lo, all.Lo + k})
		s.room -= k
		all.Lo += k
	}
}
