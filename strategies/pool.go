package strategies

import "context"

// PoolStrategy is persistent goroutines that claim from one shared counter: no task
// waits behind another while a worker is idle, and every claim is on one cache line.
func PoolStrategy() Strategy {
	return Strategy{
		Name:         "pool",
		Doc:          "persistent goroutines claiming tasks from one shared counter",
		Capabilities: Capabilities{Parallel: true, Nests: true, Balances: true, Limits: true},
		New: func(_ context.Context, c Config) (Executor, error) {
			n, err := c.WorkerCount()
			if err != nil {
				return nil, err
			}
			return newCrew("pool", n, newCounter), nil
		},
	}
}

// A counter is one range that all workers claim from.
type counter struct{ span Range }

func newCounter(int) sharing { return new(counter) }

func (c *counter) fill(l *crewLease, _ int) *Range {
	if c.span.Len() > 0 {
		return &c.span
	}
	s := l.next(func(spare int) int { return spare })
	if s.Len() == 0 {
		return nil
	}
	c.span.Set(s)
	return &c.span
}

func (c *counter) recall(l *crewLease) { l.giveBack(c.span.Clear()) }
func (c *counter) left() bool          { return c.span.Len() > 0 }
