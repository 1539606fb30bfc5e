package strategies

import "context"

// SpawnStrategy is a goroutine for each chunk, at most so many at once: what errgroup with
// a limit does.
func SpawnStrategy() Strategy {
	return Strategy{
		Name:         "spawn",
		Doc:          "a new goroutine for each chunk, bounded by a semaphore",
		Capabilities: Capabilities{Parallel: true, Balances: true, Limits: true},
		New: func(_ context.Context, c Config) (Executor, error) {
			n, err := c.WorkerCount()
			if err != nil {
				return nil, err
			}
			d := newDispatcher("spawn", n)
			free := make(chan int, n) // the semaphore: numbers of workers that are free
			for w := range n {
				free <- w
			}
			d.hand = func(c *chunk) error {
				w := <-free
				go func() {
					defer func() { free <- w }()
					c.run(d.desks.at(w))
				}()
				return nil
			}
			d.end = func() {}
			return d, nil
		},
	}
}
