package inproc

import "github.com/payoff-bench/payoff/strategies/work"

// Spawn returns an executor that starts a goroutine for each chunk, at most workers at once, like
// errgroup with a limit.
func Spawn(workers int) work.Executor {
	n, err := work.WorkerCount(workers)
	if err != nil {
		return work.Refused("spawn", err)
	}
	d := newDispatcher("spawn", n)
	free := make(chan int, n) // the semaphore: numbers of free workers
	for w := range n {
		free <- w
	}
	d.hand = func(p *parcel) error {
		w := <-free
		go func() {
			defer func() { free <- w }()
			d.core.Task(func() { p.run(d.desks.at(w)) })
		}()
		return nil
	}
	return d
}
