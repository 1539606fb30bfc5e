package inproc

import "github.com/payoff-bench/payoff/strategies/work"

// Pool returns an executor of persistent goroutines that claim tasks from one shared counter. Tasks
// start in order, and no task waits while a worker is idle. All workers contend for the cache line
// of the counter.
func Pool(workers int) work.Executor { return shared("pool", workers) }

// Serial returns a pool with one worker, which runs one task after the other.
func Serial() work.Executor { return shared("serial", 1) }

func shared(name string, workers int) work.Executor {
	c := &crew{core: work.Core{Name: name, Nests: true, Adapts: true}, share: newCounter}
	return c.hire(workers)
}

// A counter is the [sharing] of Pool, Serial and GIL: it holds one range, from which all workers
// claim tasks.
type counter struct{ span work.Range }

func newCounter(int) sharing { return new(counter) }

func (c *counter) fill(l *crewLease, _ int) *work.Range {
	if c.span.Len() > 0 {
		return &c.span
	}
	s := l.next(func(spare int) int { return spare })
	if s.Len() == 0 {
		c.span.Want()
		return nil
	}
	c.span.Set(s)
	return &c.span
}

func (c *counter) recall(l *crewLease) { l.recallFrom(&c.span) }
func (c *counter) left() bool          { return c.span.Len() > 0 }
