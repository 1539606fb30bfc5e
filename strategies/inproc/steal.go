package inproc

import "github.com/payoff-bench/payoff/strategies/work"

// Steal returns an executor of persistent goroutines with a range of tasks each. A worker without
// tasks takes half of the unclaimed tasks of another worker, from the far end of that worker's
// range. This is work stealing (Blumofe and Leiserson, J. ACM 46, 1999), but each worker has a
// range that can be split, where the paper has a queue of tasks.
func Steal(workers int) work.Executor {
	c := &crew{core: work.Core{Name: "steal", Nests: true, Adapts: true}, share: newStealing}
	return c.hire(workers)
}

// A stealing is the [sharing] of the strategy Steal. It holds one range of tasks for each worker.
// For an idle worker, it moves tasks from the range of another worker to the range of the idle one.
type stealing struct {
	own  []work.Range
	part int // number of tasks that a worker receives at a time from the spare tasks of the lease
}

func newStealing(workers int) sharing { return &stealing{own: make([]work.Range, workers)} }

func (s *stealing) fill(l *crewLease, w int) *work.Range {
	w = max(w, 0) // w is work.Outside: any range will do, since fill also takes from all other ranges
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
		for v := range s.own {
			s.own[v].Want()
		}
		return nil
	}
	r.Set(span)
	return r
}

func (s *stealing) recall(l *crewLease) {
	for i := range s.own {
		l.recallFrom(&s.own[i])
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
