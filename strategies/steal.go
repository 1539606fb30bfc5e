package strategies

import "context"

// StealStrategy is persistent goroutines with a range of tasks each. Who has none left
// takes half of what another has not claimed, from the far end (Blumofe and Leiserson,
// J. ACM 46, 1999; ranges that split instead of queues that fill).
func StealStrategy() Strategy {
	return Strategy{
		Name:         "steal",
		Doc:          "persistent goroutines with a range of tasks each, the idle taking half of another's rest",
		Capabilities: Capabilities{Parallel: true, Nests: true, Balances: true, Limits: true},
		New: func(_ context.Context, c Config) (Executor, error) {
			n, err := c.WorkerCount()
			if err != nil {
				return nil, err
			}
			return newCrew("steal", n, newStealing), nil
		},
	}
}

// A stealing is a range for each worker.
type stealing struct {
	own  []Range
	part int // what each worker gets of the spare
}

func newStealing(workers int) sharing { return &stealing{own: make([]Range, workers)} }

func (s *stealing) fill(l *crewLease, w int) *Range {
	w = max(w, 0) // anybody's come to whoever has none
	r := &s.own[w]
	if r.Len() > 0 {
		return r
	}
	fresh := len(l.spare) == 0
	span := l.next(func(spare int) int {
		if fresh {
			s.part = (spare + len(s.own) - 1) / len(s.own)
		}
		return max(s.part, 1)
	})
	for v := 1; v < len(s.own) && span.Len() == 0; v++ {
		span = s.own[(w+v)%len(s.own)].Steal(func(unclaimed int) int { return (unclaimed + 1) / 2 })
	}
	if span.Len() == 0 {
		return nil
	}
	r.Set(span)
	return r
}

func (s *stealing) recall(l *crewLease) {
	for i := range s.own {
		l.giveBack(s.own[i].Clear())
	}
}

func (s *stealing) left() bool {
	for i := range s.own {
		if s.own[i].Len() > 0 {
			return true
		}
	}
	return false
}
